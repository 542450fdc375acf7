"""Two desks at the same instant: real connections, real commits, on both databases."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from harpevents.attendance import queries, report_import, services
from harpevents.attendance.models import AttendanceReport, CheckIn, CheckInSource
from harpevents.core.db import db, transaction
from harpevents.core.errors import RuleBroken
from harpevents.registrations import services as registration_services
from harpevents.registrations.models import Registration
from tests.databases import one
from tests.factories import KATO, STAFF, an_entry, an_event, registered

ROUNDS = 3


def together(app, *acts):
    """Run the acts in threads that begin at the same instant; what each returned or raised."""
    barrier = threading.Barrier(len(acts))

    def run(act):
        with app.app_context():
            barrier.wait(timeout=20)
            try:
                with transaction():
                    return act()
            except (RuleBroken, IntegrityError) as broken:
                return type(broken).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]


def tap(person, id=None):
    def act():
        registration = db.session.get_one(Registration, person)
        fact = services.check_in(
            registration.event, registration, source=CheckInSource.QR, actor=STAFF, id=id
        )
        return fact.result.value

    return act


@pytest.fixture
def person(committing_app):
    with committing_app.app_context():
        registration = registered(an_event(), **KATO)
        number = registration.id
        db.session.remove()
    return number


def more_people(app, number):
    with app.app_context():
        event = one(select(Registration)).event
        ids = [registered(event, n).id for n in range(number)]
        db.session.remove()
    return ids


def test_two_desks_with_one_ticket_give_one_ok_and_one_repeated(committing_app, person):
    for id in [person, *more_people(committing_app, ROUNDS)]:
        results = together(committing_app, *[tap(id) for _desk in range(4)])
        assert Counter(results) == {"ok": 1, "repeated": 3}


def let_both_look_before_either_writes(monkeypatch):
    monkeypatch.setattr(services, "lock", lambda row: row)
    meet = threading.Barrier(2)
    judge = services._judge

    def slowly(*arguments):
        answer = judge(*arguments)
        if meet.wait(timeout=20) == 0:
            time.sleep(0.5)  # the other one has written, and committed, before this one goes on
        return answer

    monkeypatch.setattr(services, "_judge", slowly)


@pytest.mark.postgresql_only
@pytest.mark.parametrize("before", [0, 1])
def test_without_the_lock_the_database_refuses_the_second(
    committing_app, person, monkeypatch, before
):
    """Whether it is the first check-in, or one after another was taken back."""
    for _time in range(before):
        together(committing_app, tap(person))
        with committing_app.app_context(), transaction():
            services.annul(one(select(CheckIn)), actor=STAFF)
    let_both_look_before_either_writes(monkeypatch)

    results = together(committing_app, tap(person), tap(person))

    assert Counter(results) == {"ok": 1, "IntegrityError": 1}
    with committing_app.app_context():
        assert one(select(func.count()).select_from(queries.counting().subquery())) == 1


@pytest.mark.postgresql_only
def test_without_lock_and_constraint_both_would_be_the_first(committing_app, person, monkeypatch):
    """The control: the same race goes wrong without both, so the tests above see it."""
    let_both_look_before_either_writes(monkeypatch)
    constraint = "uq_check_in_event_id_registration_id_arrival"
    with committing_app.app_context(), transaction():
        db.session.execute(text(f"alter table check_in drop constraint {constraint}"))
    assert together(committing_app, tap(person), tap(person)) == ["ok", "ok"]


def test_one_id_sent_five_times_at_once_is_one_row(committing_app, person):
    for registration in [person, *more_people(committing_app, ROUNDS)]:
        id = uuid.uuid4()
        results = together(committing_app, *[tap(registration, id) for _time in range(5)])
        assert results == ["ok"] * 5
        with committing_app.app_context():
            query = select(func.count()).where(CheckIn.registration_id == registration)
            assert one(query) == 1


def test_one_unknown_ticket_sent_five_times_at_once_is_one_row(committing_app, person):
    id = uuid.uuid4()

    def scan():
        event = db.session.get_one(Registration, person).event
        return services.check_in_by_code(event, "nobody", actor=STAFF, id=id).reason

    assert together(committing_app, *[scan] * 5) == ["unknown_ticket"] * 5
    with committing_app.app_context():
        assert one(select(func.count()).select_from(CheckIn)) == 1


def test_undo_beside_a_check_in_leaves_one_consistent_story(committing_app, person):
    for registration in [person, *more_people(committing_app, ROUNDS)]:
        together(committing_app, tap(registration))

        def undo(registration=registration):
            event = db.session.get_one(Registration, registration).event
            standing = queries.counting_check_in(event, registration)
            return services.annul(standing, actor=STAFF).kind.value if standing else "nothing"

        tapped, _undone = together(committing_app, tap(registration), undo)

        with committing_app.app_context():
            event = db.session.get_one(Registration, registration).event
            standing = queries.counting().where(CheckIn.registration_id == registration)
            rows = db.session.scalars(standing).all()
            # tapped before the undo: repeated, and absent now; after it: ok, and present
            assert len(rows) == {"repeated": 0, "ok": 1}[tapped]
            present = registration in set(db.session.scalars(queries.present_ids(event)))
            assert present == bool(rows)


def test_two_undos_take_back_once(committing_app, person):
    together(committing_app, tap(person))
    with committing_app.app_context():
        fact = one(select(CheckIn.id))

    def undo():
        return services.annul(db.session.get_one(CheckIn, fact), actor=STAFF).kind.value

    assert Counter(together(committing_app, undo, undo)) == {"annul": 1, "AlreadyAnnulled": 1}


def test_a_check_in_beside_a_cancellation_never_counts_a_cancelled_person(committing_app, person):
    for registration in [person, *more_people(committing_app, ROUNDS)]:

        def cancel(registration=registration):
            row = db.session.get_one(Registration, registration)
            registration_services.cancel(row, actor=STAFF, quiet=True)
            return row.state.value

        results = together(committing_app, tap(registration), cancel)

        assert results[1] == "cancelled"
        assert results[0] in {"ok", "refused"}
        with committing_app.app_context():
            event = db.session.get_one(Registration, registration).event
            assert registration not in set(db.session.scalars(queries.present_ids(event)))


def test_the_same_walk_in_sent_twice_at_once_is_one_person(committing_app, person):
    id = uuid.uuid4()

    def walk_in():
        event = db.session.get_one(Registration, person).event
        registration, fact = services.walk_in(
            event, an_entry(email="kari@uit.example"), actor=STAFF, id=id
        )
        return registration.number, fact.result.value

    results = together(committing_app, walk_in, walk_in, walk_in)

    assert results == [(2, "ok")] * 3


def test_the_same_file_taken_in_twice_at_once_is_one_report(committing_app, person):
    data = (
        b"Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\r\n"
        b"Taro,taro@hokudai.example,09/25/2020 04:00:00 PM,09/25/2020 05:00:00 PM,60,No\r\n"
    )

    def take():
        event = db.session.get_one(Registration, person).event
        planned = report_import.plan(event, data, "report.csv")
        return report_import.take(planned, actor=STAFF).id

    assert len(set(together(committing_app, take, take, take))) == 1
    with committing_app.app_context():
        assert one(select(func.count()).select_from(AttendanceReport)) == 1
        assert one(select(func.count()).select_from(CheckIn)) == 1
