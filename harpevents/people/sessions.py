"""Sign-ins: the cookie holds a random secret, the database its digest, and may end it any time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import OperationalError

from harpevents.audit.services import Actor
from harpevents.core import clock, i18n, passwords, tokens
from harpevents.core.db import db, transaction
from harpevents.core.errors import SiteBusy
from harpevents.people import queries
from harpevents.people.models import Account, AccountSession, Role

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
A_YEAR = 365 * 24 * 3600
NOTED_EVERY = timedelta(minutes=10)  # how exactly we know when somebody was last here


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, as Flask-Login's `current_user`: what every page asks about the account."""

    id: int  # of the account
    name: str
    role: Role
    language: str
    session_id: int
    secret: str
    seen_at: datetime
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def account(self) -> Account:
        """The row, read when somebody needs more of it."""
        return queries.get_account(self.id)

    @property
    def actor(self) -> Actor:
        """The person as whoever keeps the audit trail knows her."""
        return Actor.of_account(self)

    def get_id(self) -> str:
        """What the signed cookie carries."""
        return self.secret


_BY_SECRET = (  # asked at each request of somebody signed in
    select(
        Account.id,
        Account.name,
        Account.role,
        Account.language,
        Account.is_demo,
        AccountSession.id.label("session_id"),
        AccountSession.seen_at,
    )
    .join(AccountSession.account)
    .where(
        Account.disabled_at.is_(None),
        AccountSession.secret_digest == bindparam("digest"),
        AccountSession.ended_at.is_(None),
        AccountSession.seen_at > bindparam("seen"),
        AccountSession.created_at > bindparam("begun"),
    )
)


def find(secret: str) -> SignedIn | None:
    """Who holds this secret: a session that was not ended, in time, of an account in use."""
    now = clock.now()
    asked = {"digest": tokens.digest(secret), "seen": now - IDLE, "begun": now - LONGEST}
    row = db.session.execute(_BY_SECRET, asked).one_or_none()
    if row is None or _is_shut_demo(is_demo=row.is_demo):
        return None
    return SignedIn(row.id, row.name, row.role, row.language, row.session_id, secret, row.seen_at)


def check_password(address: str, password: str) -> Account | None:
    """The account both belong to; takes as long for an address that has none."""
    account = queries.find_account(address)
    usable = account is not None and may_enter(account)
    stored = account.password_hash if account is not None and usable else None
    db.session.rollback()  # gives the connection back: many may wait here to be checked
    return account if passwords.matches(password, stored) else None


def may_enter(account: Account) -> bool:
    """Not when disabled; and an account of the demo, whose password is known, on loopback only."""
    return account.disabled_at is None and not _is_shut_demo(is_demo=account.is_demo)


def _is_shut_demo(*, is_demo: bool) -> bool:
    return is_demo and bool(current_app.config["SETTINGS"].production)


def begin(account: Account) -> SignedIn:
    """A new session row, in the open transaction; hand the result to `enter` after the commit."""
    secret, now = tokens.new_secret(), clock.now()
    row = AccountSession(
        account_id=account.id,
        secret_digest=tokens.digest(secret),
        created_at=now,
        seen_at=now,
        ended_at=None,
    )
    db.session.add(row)
    db.session.flush()
    return SignedIn(account.id, account.name, account.role, account.language, row.id, secret, now)


def enter(signed_in: SignedIn) -> None:
    """Put the secret into a fresh cookie: nothing of the one before sign-in is kept."""
    session.clear()
    login_user(signed_in)


def leave() -> None:
    """End the present session at the server and empty the cookie; opens its own transaction."""
    if current_user.is_authenticated:
        number = current_user.session_id
        with transaction():
            db.session.execute(
                update(AccountSession)
                .where(AccountSession.id == number, AccountSession.ended_at.is_(None))
                .values(ended_at=clock.now())
            )
    logout_user()
    session.clear()


def note_presence() -> None:
    """Before a request: remember, now and then, that the person is still here.

    A page is only read, so it waits for nobody who writes: the next one remembers as well.
    """
    named = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if request.endpoint == "static" or not named:
        return
    if not current_user.is_authenticated:
        return
    if clock.now() - current_user.seen_at < NOTED_EVERY:
        return
    here = select(AccountSession.id).where(AccountSession.id == current_user.session_id)
    free = here.with_for_update(skip_locked=True).scalar_subquery()
    with suppress(SiteBusy, OperationalError), transaction(patience=0):
        db.session.execute(
            update(AccountSession).where(AccountSession.id == free).values(seen_at=clock.now())
        )


def speak(answer: Response, language: str) -> Response:
    """Let the pages of this browser speak `language` where the address does not say."""
    answer.set_cookie(
        i18n.LANGUAGE_COOKIE,
        language,
        max_age=A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
    )
    return answer


def init_app(app: Flask) -> None:
    login = LoginManager(app)
    login.session_protection = None  # phones change their address; the secret is protection enough
    login.user_loader(find)
    app.before_request(note_presence)
