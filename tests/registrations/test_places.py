"""Places: counted under the lock, given once, handed on to those who wait."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.events import queries as event_queries
from harpevents.events import services as events
from harpevents.events.models import EventStatus, Mode
from harpevents.outbox.models import Message
from harpevents.registrations import places, queries, refusals, services
from harpevents.registrations.models import (
    AttendanceMode,
    Consent,
    ConsentPurpose,
    Registration,
    RegistrationState,
    Source,
)
from tests.factories import STAFF, an_entry, an_event, event_values, registered

State = RegistrationState


def states() -> list[str]:
    query = select(Registration.state).order_by(Registration.number)
    return [state.value for state in db.session.scalars(query)]


def mails() -> list[tuple[str, str]]:
    return [
        (message.kind.removeprefix("registration."), message.to_address.partition("@")[0])
        for message in db.session.scalars(select(Message).order_by(Message.id))
    ]


def test_whoever_comes_after_the_last_place_joins_the_waiting_list(app: Flask):
    event = an_event(capacity=1)

    first, second = registered(event, 1), registered(event, 2)

    assert (first.state, second.state) == (State.CONFIRMED, State.WAITLISTED)
    assert (first.number, second.number) == (1, 2)
    assert mails() == [("confirmed", "person1"), ("waitlisted", "person2")]


def test_a_place_that_comes_free_goes_to_who_waits_longest(app: Flask):
    event = an_event(capacity=1)
    people = [registered(event, number) for number in (1, 2, 3)]

    with transaction():
        services.cancel(people[0], actor=STAFF)

    assert states() == ["cancelled", "confirmed", "waitlisted"]
    assert mails()[3:] == [("cancelled", "person1"), ("promoted", "person2")]


def test_cancelling_twice_gives_one_place_to_one_person(app: Flask):
    event = an_event(capacity=1)
    people = [registered(event, number) for number in (1, 2, 3)]
    for _time in range(2):
        with transaction():
            services.cancel(people[0], actor=STAFF)

    assert states() == ["cancelled", "confirmed", "waitlisted"]


def test_nobody_overtakes_those_who_wait_when_places_are_added(app: Flask):
    event = an_event(capacity=1)
    registered(event, 1)
    registered(event, 2)
    with transaction():
        events.edit(event, event_values(capacity=2, starts_at=event.starts_at), STAFF)

    newcomer = registered(event, 3)
    assert newcomer.state is State.WAITLISTED
    with transaction():
        given = services.give_free_places(STAFF)

    assert given == 1
    assert states() == ["confirmed", "confirmed", "waitlisted"]


def test_a_pending_registration_holds_a_place_until_it_is_decided(app: Flask):
    event = an_event(capacity=1, needs_approval=True)
    asking, waiting = registered(event, 1), registered(event, 2)
    assert (asking.state, waiting.state) == (State.PENDING, State.WAITLISTED)

    with transaction():
        services.decline(asking, actor=STAFF, reason="Only for members.")
    assert states() == ["declined", "pending"]  # promoted, and to be looked at like everybody
    with transaction():
        services.approve(waiting, actor=STAFF)

    assert states() == ["declined", "confirmed"]
    declined = db.session.scalars(select(Message).where(Message.kind == "registration.declined"))
    assert "Only for members." in declined.one().text
    with transaction(), pytest.raises(refusals.StateRefused):
        services.approve(waiting, actor=STAFF)


def test_a_part_has_places_of_its_own(app: Flask):
    event = an_event()
    an_event("dinner", parent="forum", capacity=1)
    registered(event, 1, parts={"dinner": None})

    with pytest.raises(refusals.PartFull) as refused:
        registered(event, 2, parts={"dinner": None})

    assert "Forum of the North" in str(refused.value)
    assert registered(event, 2).state is State.CONFIRMED


def test_unknown_parts_and_ways_to_take_part_are_refused(app: Flask):
    event = an_event()
    an_event("elsewhere")
    with pytest.raises(refusals.PartUnknown):
        registered(event, 1, parts={"elsewhere": None})
    with pytest.raises(refusals.ModeRefused):
        registered(event, 1, mode=AttendanceMode.ONLINE)


def test_the_desk_goes_beyond_the_places_only_when_it_says_so(app: Flask):
    event = an_event(capacity=1)
    registered(event, 1)

    assert registered(event, 2, source=Source.DESK).state is State.WAITLISTED
    assert registered(event, 3, source=Source.DESK, beyond_capacity=True).state is State.CONFIRMED
    with pytest.raises(refusals.EventFull):
        registered(event, 4, source=Source.WALK_IN)


def test_registration_keeps_to_its_opening_times(app: Flask):
    now = clock.now()
    not_yet = an_event("not-yet", opens_at=now + timedelta(hours=1))
    closed = an_event("closed", closes_at=now - timedelta(hours=1))
    never = an_event("never", takes_registrations=False)
    draft = an_event("draft", published=False)
    for event in (not_yet, closed, never, draft):
        with pytest.raises(refusals.RegistrationClosed):
            registered(event, 1)
    assert registered(closed, 1, source=Source.DESK).state is State.CONFIRMED


def test_an_address_may_come_back_after_cancelling(app: Flask):
    event = an_event()
    first = registered(event, 1)
    with pytest.raises(refusals.AlreadyRegistered):
        registered(event, 1, email="PERSON1@UNI.example.ORG")
    with transaction():
        services.cancel(first, actor=STAFF)

    assert registered(event, 1).number == 2


def test_privacy_is_needed_and_each_consent_is_a_row(app: Flask):
    event = an_event()
    with pytest.raises(refusals.PrivacyNeeded):
        registered(event, 1, consents=frozenset())
    both = frozenset({ConsentPurpose.PRIVACY, ConsentPurpose.NEWSLETTER})
    person = registered(event, 1, consents=both)

    with transaction():
        services.withdraw_consent(person, ConsentPurpose.NEWSLETTER, actor=STAFF)

    rows = db.session.scalars(select(Consent).order_by(Consent.purpose)).all()
    assert [(row.purpose.value, row.wording, row.withdrawn_at is None) for row in rows] == [
        ("newsletter", "2026-11", False),
        ("privacy", "2026-11", True),
    ]


@pytest.mark.parametrize("purpose", [one for one in ConsentPurpose if one != "privacy"])
def test_a_consent_that_is_unticked_is_withdrawn_and_one_ticked_again_is_given_anew(
    app: Flask, purpose: ConsentPurpose
):
    alone, both = frozenset({ConsentPurpose.PRIVACY}), frozenset({ConsentPurpose.PRIVACY, purpose})
    person = registered(an_event(), 1, consents=both)
    given = []
    for ticked in (alone, alone, both):
        with transaction():
            services.edit(person, an_entry(1, consents=ticked), actor=STAFF)
        given.append(
            [
                row.withdrawn_at is None
                for row in queries.consents_of(person)
                if row.purpose is purpose
            ]
        )
    assert given == [[False], [False], [False, True]]


@pytest.mark.parametrize(
    ("held", "waiting", "capacity", "left", "free"),
    [
        (3, 0, None, None, 0), (3, 2, None, None, 2), (0, 0, 2, 2, 0), (1, 0, 2, 1, 0),
        (2, 0, 2, 0, 0), (3, 0, 2, 0, -1), (1, 3, 2, 0, 1), (0, 1, 2, 0, 1), (2, 1, 2, 0, 0),
    ],
)  # fmt: skip
def test_places_left_and_free(held, waiting, capacity, left, free):
    stands = places.Places(held, waiting)
    assert (stands.left(capacity), stands.free(capacity)) == (left, free)


def test_a_list_gives_no_place_that_there_is_not(app: Flask):
    event = an_event(capacity=1)
    for number, state in ((1, State.CONFIRMED), (2, State.CONFIRMED), (3, State.DECLINED)):
        with transaction():
            services.register(
                event, an_entry(number), actor=STAFF, source=Source.IMPORT, state=state
            )
    assert states() == ["confirmed", "waitlisted", "declined"]


def test_only_a_form_waits_for_approval(app: Flask):
    event = an_event(needs_approval=True)
    for number, source in enumerate((Source.FORM, Source.DESK, Source.WALK_IN, Source.IMPORT)):
        registered(event, number, source=source)
    assert states() == ["pending", "confirmed", "confirmed", "confirmed"]


def test_history_knows_no_waiting_list(app: Flask):
    event = an_event(capacity=1)
    for number in (1, 2):
        registered(event, number, source=Source.HISTORY)
    assert states() == ["confirmed", "confirmed"]


def test_places_are_those_of_the_event_and_who_is_gone_holds_none_in_a_part(app: Flask):
    event, other = an_event(capacity=1), an_event("other")
    part = an_event("dinner", parent="forum", capacity=2)
    first, _waits = [registered(event, number, parts={"dinner": None}) for number in (1, 2)]
    registered(other, 3)
    assert (places.taken(event.id), places.taken(other.id)) == (
        places.Places(1, 1), places.Places(1, 0),
    )  # fmt: skip
    assert places.held_in_parts([part.id]) == {part.id: 2}
    with transaction():
        services.edit(first, an_entry(1, parts={"dinner": None}, note="late"), actor=STAFF)
    registered(event, 4, source=Source.DESK, beyond_capacity=True, parts={"dinner": None})
    assert places.held_in_parts([part.id]) == {part.id: 3}
    with transaction():
        services.cancel(first, actor=STAFF, quiet=True)
    assert places.held_in_parts([part.id]) == {part.id: 2}


def test_an_edit_moves_the_mail_and_tells_the_old_address(app: Flask):
    event = an_event(mode=Mode.HYBRID)
    person = registered(event, 1)
    with transaction():
        services.edit(person, an_entry(2, mode=AttendanceMode.ONLINE), actor=STAFF)

    assert (person.email, person.mode) == ("person2@uni.example.org", AttendanceMode.ONLINE)
    assert mails()[1:] == [("changed", "person2"), ("moved", "person1")]
    registered(event, 3)
    with transaction(), pytest.raises(refusals.AlreadyRegistered):
        services.edit(person, an_entry(3), actor=STAFF)


def test_calling_an_event_off_tells_everybody_who_has_a_place_or_waits(app: Flask):
    event = an_event(capacity=1)
    people = [registered(event, number) for number in (1, 2, 3)]
    with transaction():
        services.cancel(people[2], actor=STAFF)
    with transaction():
        told = services.call_off_event(event, STAFF, "The hall has burnt down.")

    assert told == 2
    assert event.status is EventStatus.CANCELLED
    off = db.session.scalars(select(Message).where(Message.kind == "registration.called_off"))
    letters = off.all()
    assert {letter.to_address.partition("@")[0] for letter in letters} == {"person1", "person2"}
    assert all("The hall has burnt down." in letter.text for letter in letters)
    assert all("STATUS:CANCELLED" in letter.attachments["event.ics"]["text"] for letter in letters)


def race(app: Flask, capacity: int, people: int) -> list[str]:
    """`people` threads register at once, each with a connection of its own."""
    with app.app_context():
        an_event(capacity=capacity)
    start = threading.Barrier(people)
    failed: list[BaseException] = []

    def go(number: int) -> None:
        with app.app_context():
            event = event_queries.get_by_slug("forum")
            db.session.rollback()
            start.wait()
            try:
                with transaction():
                    services.register(event, an_entry(number), actor=services.FORM)
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with app.app_context():
        return states()


def test_the_last_place_is_given_once_however_many_ask(committing_app: Flask):
    found = race(committing_app, capacity=1, people=50)

    assert sorted(found) == ["confirmed"] + ["waitlisted"] * 49
    with committing_app.app_context():
        assert queries.obstacles(event_queries.get_by_slug("forum"), None, "").last_number == 50


@pytest.mark.postgresql_only
def test_without_the_lock_the_last_place_is_given_twice(
    committing_app: Flask, monkeypatch: pytest.MonkeyPatch
):
    """The control: it shows that the race above is one, and what the lock is for."""
    meet = threading.Barrier(2)
    numbers = iter((1, 2))
    met, taken = queries.obstacles, places.taken

    def met_with_its_own_number(*asked):  # the constraint on numbers would stop it otherwise
        return replace(met(*asked), last_number=next(numbers))

    def counted_together(event_id):  # both count before either writes
        found = taken(event_id)
        meet.wait(timeout=20)
        return found

    monkeypatch.setattr(services, "lock", lambda row: row)
    monkeypatch.setattr(queries, "obstacles", met_with_its_own_number)
    monkeypatch.setattr(places, "taken", counted_together)
    with committing_app.app_context():
        an_event(capacity=1)

    def go(number: int) -> None:
        with committing_app.app_context(), transaction():
            event = event_queries.get_by_slug("forum")
            services.register(event, an_entry(number), actor=services.FORM)

    threads = [threading.Thread(target=go, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committing_app.app_context():
        assert states() == ["confirmed", "confirmed"]


def test_nobody_moves_up_after_the_event(app: Flask, monkeypatch):
    event = an_event(capacity=1)
    first, _second = registered(event, 1), registered(event, 2)
    over = event.ends_at + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: over)
    with transaction():
        services.cancel(first, actor=STAFF)
    assert states() == ["cancelled", "waitlisted"]
    assert ("promoted", "person2") not in mails()
