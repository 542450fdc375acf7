"""Who may write and see which dispatch: the secretariat all, an organiser those of her events."""

from __future__ import annotations

from sqlalchemy import String, cast, select

from harpevents.core.db import db
from harpevents.core.errors import NotFound
from harpevents.events import policy as events
from harpevents.events.models import Event, EventGrant, GrantKind
from harpevents.mailings import queries
from harpevents.mailings.models import Dispatch
from harpevents.people.models import Staff
from harpevents.people.signed_in import is_secretariat


def event_for_staff(slug: str, account: Staff) -> Event:
    """The event, when the account may write to its people; else `NotFound`."""
    return events.get_for_staff(slug, account, GrantKind.MODERATE)


def get_for_staff(number: int, account: Staff) -> Dispatch:
    """The dispatch, when the account may see it; else `NotFound`."""
    dispatch = queries.get_by_number(number)
    if is_secretariat(account):
        return dispatch
    event = db.session.get(Event, int(dispatch.event_key)) if dispatch.event_key else None
    if event is None or not events.may(account, event, GrantKind.MODERATE):
        raise NotFound(number)
    return dispatch


def event_keys_of(account: Staff) -> list[str]:
    """The keys of the events whose dispatches an organiser may see."""
    granted = select(EventGrant.event_id).where(
        EventGrant.account_id == account.id,
        EventGrant.kind.in_(events.INCLUDED[GrantKind.MODERATE]),
    )
    query = select(cast(Event.id, String)).where(
        Event.id.in_(granted) | Event.parent_id.in_(granted)
    )
    return list(db.session.scalars(query))
