"""What stands around every page: navigation, languages, who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from harpevents.core import association, i18n, markdown
from harpevents.core.access import ADMIN, ORGANISER, SECRETARIAT
from harpevents.core.states import STATES
from harpevents.events import dates
from harpevents.site.sharing import shared_links


@dataclass(frozen=True)
class Link:
    """A place in the navigation; `icon` is a Bootstrap icon's name."""

    label: str
    url: str
    active: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Group:
    """Several links under one heading ("" for none)."""

    label: str
    items: list[Link]

    def __iter__(self) -> Iterator[Link]:
        return iter(self.items)


BESIDE = {"desk_memberships.index": "/desk/terms/"}  # pages that belong to a link elsewhere


def _links(*places: tuple[str, str, str]) -> list[Link]:
    """Links of (label, endpoint, icon), active on their own pages and those below them."""
    links = []
    for label, endpoint, icon in places:
        if endpoint in current_app.view_functions:
            url = url_for(endpoint)
            depth_root = url.rstrip("/").count("/") <= 1  # "/ja/" and "/desk/" are above everything
            below = not depth_root and request.path.startswith(url.rstrip("/") + "/")
            beside = request.path.startswith(BESIDE.get(endpoint, "//"))
            links.append(Link(label, url, request.path == url or below or beside, icon))
    return links


def public_navigation() -> list[Link]:
    return _links(
        (_("Events"), "events.index", ""),
        (_("Members"), "memberships.index", ""),
        (_("Figures"), "reports.figures", ""),
    )


def desk_navigation() -> list[Group]:
    """The desk's pages this person may open."""
    role = current_user.role
    groups = [
        Group(
            "",
            _links(
                (_("Overview"), "desk_site.index", "grid"),
                (_("Events"), "desk_events.index", "calendar-event"),
            ),
        )
    ]
    if role != ORGANISER:
        groups += _association_groups()
    own = [(_("My account"), "desk_people.account", "person-badge")]
    if role == ADMIN:
        own += [
            (_("Accounts"), "desk_people.accounts", "shield-check"),
            (_("Health"), "desk_site.health", "gear"),
        ]
    if role in {ADMIN, SECRETARIAT}:
        own.append((_("Components"), "desk_site.styles", "eye"))
    return [*groups, Group(_("System"), _links(*own))]


def _association_groups() -> list[Group]:
    """What the secretariat works with beside the events."""
    return [
        Group(
            _("Association"),
            _links(
                (_("Members and terms"), "desk_memberships.index", "flag"),
                (_("Institutions"), "desk_institutions.index", "building"),
                (_("People"), "desk_people.index", "people"),
            ),
        ),
        Group(
            _("Mail"),
            _links(
                (_("Dispatches"), "desk_mailings.index", "send"),
                (_("Outbox"), "desk_outbox.index", "inbox"),
            ),
        ),
        Group(
            _("Figures"),
            _links(
                (_("Reports"), "desk_reports.index", "bar-chart"),
                (_("Change log"), "desk_reports.audit", "journal"),
            ),
        ),
    ]


def language_choices() -> list[tuple[str, str, str, bool]]:
    """(code, native name, url, is current) of the same page in each language."""
    now = i18n.current_language()
    choices = []
    for code in i18n.languages():
        if request.view_args is not None and request.path.startswith(f"/{now}/"):
            query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.args else ""
            url = f"/{code}{request.path[3:]}{query}"
        else:
            url = url_for("site.choose_language", code=code, next=request.path)
        choices.append((code, i18n.native_name(code), url, code == now))
    return choices


def _has_session() -> bool:
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def account_links() -> list[Link]:
    if _has_session() and current_user.is_authenticated:
        return [Link(_("Desk"), url_for("desk_site.index"))]
    return [Link(_("Staff sign-in"), url_for("people.sign_in"))]


def home_url() -> str:
    return url_for("site.home", lang=i18n.current_language())


def localtime(moment: datetime, zone: str, form: str = "long") -> str:
    return i18n.show_moment(moment, zone, form)


def init_app(app: Flask) -> None:
    """Give the templates their globals and filters."""
    app.jinja_env.globals.update(
        association_name=association.name,
        association_about=association.about,
        shared_links=shared_links,
        current_locale=i18n.current_language,
        public_navigation=public_navigation,
        desk_navigation=desk_navigation,
        language_choices=language_choices,
        account_links=account_links,
        signed_in_name=lambda: current_user.name if current_user.is_authenticated else "",
        sign_out_url=lambda: url_for("people.sign_out"),
        search_url=lambda: url_for("desk_site.search"),
        privacy_url=lambda: url_for("site.privacy", lang=i18n.current_language()),
        home_url=home_url,
        country_name=i18n.country_name,
        zone_label=i18n.zone_label,
        native_name=i18n.native_name,
        native_names=i18n.native_names,
        known_states=STATES,
    )
    app.jinja_env.filters.update(
        thousands=i18n.show_number,
        localtime=localtime,
        local=i18n.local,
        listed=i18n.listed,
        noted=i18n.noted,
        show_date=i18n.show_date,
        days=dates.days,
        has_days=dates.has_days,
        country=i18n.country_name,
        markdown=markdown.to_html,
    )
