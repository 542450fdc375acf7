"""The roll-over: what it proposes, freezes, applies and undoes."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from harpevents.audit.models import AuditEntry
from harpevents.core import clock
from harpevents.core.db import db, transaction
from harpevents.institutions import services as institutions
from harpevents.institutions.models import ChangeKind
from harpevents.memberships import queries, refusals, rollover, services
from harpevents.memberships.models import (
    ContactCapacity,
    Flag,
    ItemAction,
    Reply,
    RolloverItem,
    RunState,
    Spell,
    SpellBegin,
    SpellEnd,
    Standing,
    Term,
    TermState,
)
from harpevents.memberships.services import ContactValues
from harpevents.outbox.models import Suppression
from tests.factories import STAFF
from tests.memberships.arranging import (
    FOUNDED,
    a_term,
    a_university,
    founded_by,
    the_association,
    universities,
)

NEXT = date(2018, 5, 19)


def a_planned_term(number=1, on=NEXT):
    services.create_term(number, {"en": f"Term {number}"}, actor=STAFF, opens_on=on)
    return rollover.plan(number, actor=STAFF)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def members(on):
    return sorted(member.institution.slug for member in queries.roster(on))


def actions(proposal):
    return {item.institution.slug: item.action.value for item in proposal.items}


def test_the_association_grew_from_42_to_50_to_54_to_63(app):
    the_association()
    days = [date(2016, 12, 16), date(2018, 5, 19), date(2019, 9, 23), date(2021, 9, 16)]
    counts = [queries.by_country(queries.roster(day)) for day in days]
    assert counts == [
        {"JP": 21, "RU": 21},
        {"JP": 25, "RU": 25},
        {"JP": 27, "RU": 27},
        {"JP": 30, "RU": 33},
    ]
    assert queries.roster(date(2016, 12, 15)) == []
    assert queries.sizes() == {0: 42, 1: 50, 2: 54, 3: 63}
    terms = [(term.state, term.opens_on, term.closes_on) for term in queries.terms()]
    assert terms == [
        (TermState.CLOSED, days[0], days[1]),
        (TermState.CLOSED, days[1], days[2]),
        (TermState.CLOSED, days[2], days[3]),
        (TermState.OPEN, days[3], None),
    ]


def test_a_stored_run_is_shown_after_it_was_applied(app):
    the_association()
    with transaction():
        shown = rollover.plan(3, actor=STAFF).as_json()
    assert (shown["from"], shown["to"], shown["state"]) == (2, 3, "applied")
    assert shown["before"] == {"total": 54, "by_country": {"JP": 27, "RU": 27}}
    assert shown["after"] == {"total": 63, "by_country": {"JP": 30, "RU": 33}}
    assert shown["bridge"] == {"renew": 54, "admit": 9, "withdraw": 0, "merge": 0, "succeed": 0}
    assert shown["bridge_by_country"]["RU"]["admit"] == 6
    assert shown["hash"] == queries.find_run(3).proposal_hash


def test_renew_admit_and_succeed_make_what_comes_after(app):
    with transaction():
        leaving, merging, staying = universities("JP", 3)
        founded_by(leaving, merging, staying)
        heir, newcomer = a_university("Heir"), a_university("Newcomer", "RU")
        institutions.record_change(
            ChangeKind.ABSORPTION, [merging], [heir], on=date(2018, 4, 1), actor=STAFF
        )
        a_planned_term()
        rollover.withdraw(1, leaving, actor=STAFF, note="letter of 1 May")
        rollover.admit(1, newcomer, actor=STAFF)
        proposal = rollover.plan(1, actor=STAFF)
        assert proposal.bridge() == dict.fromkeys(["renew", "admit", "withdraw", "merge",
                                                   "succeed"], 1)  # fmt: skip
        assert (proposal.before["total"], proposal.after["total"]) == (3, 3)
        assert proposal.bridge("RU")["admit"] == 1
        assert proposal.bridge("JP")["admit"] == 0
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
        rollover.apply(1, actor=STAFF)
    assert members(NEXT) == ["heir", "jp-0002", "newcomer"]
    ends = {spell.institution.slug: spell.end_kind for spell in db.session.scalars(select(Spell))}
    assert ends["jp-0000"] is SpellEnd.WITHDRAWN
    assert ends["jp-0001"] is SpellEnd.MERGED
    assert queries.find_open_spell(heir.id).begin_kind is SpellBegin.SUCCEEDED


def test_the_day_of_the_decision_counts_as_new_already(app):
    with transaction():
        first, second = universities("JP", 2)
        founded_by(first)
        a_planned_term()
        rollover.withdraw(1, first, actor=STAFF)
        rollover.admit(1, second, actor=STAFF)
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
        rollover.apply(1, actor=STAFF)
    assert members(date(2018, 5, 18)) == ["jp-0000"]
    assert members(NEXT) == ["jp-0001"]


def test_applying_twice_changes_nothing_and_says_so(app):
    the_association()
    before = [count(model) for model in (Spell, Standing, AuditEntry)]
    with transaction():
        again = rollover.apply(3, actor=STAFF)
        assert again.changed is False
    assert [count(model) for model in (Spell, Standing, AuditEntry)] == before


def test_undoing_gives_back_exactly_what_was(app):
    with transaction():
        first, second, third = universities("JP", 3)
        founded_by(first, second)
        a_planned_term()
        rollover.withdraw(1, first, actor=STAFF)
        rollover.admit(1, third, actor=STAFF)
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
        rollover.apply(1, actor=STAFF)
    with transaction():
        rollover.revert(1, actor=STAFF)
    assert members(NEXT) == ["jp-0000", "jp-0001"]
    assert (queries.open_term().number, queries.get_term(1).state) == (0, TermState.PLANNED)
    assert db.session.scalars(select(Standing.term_number).distinct()).all() == [0]
    assert queries.find_run(1) is None
    with transaction():
        assert rollover.plan(1, actor=STAFF).run.state is RunState.DRAFT


def test_a_roll_over_on_which_a_later_term_stands_cannot_be_undone(app):
    the_association()
    with pytest.raises(refusals.LaterTermStands), transaction():
        rollover.revert(2, actor=STAFF)
    assert len(queries.roster(date(2021, 9, 16))) == 63


def test_a_roll_over_is_not_undone_once_a_place_has_passed_on(app):
    with transaction():
        member, heir = universities("JP", 2)
        founded_by(member)
        services.succeed(member, heir, on=date(2017, 4, 1), decision="Board", actor=STAFF)
    with pytest.raises(refusals.PlacesChangedSince), transaction():
        rollover.revert(0, actor=STAFF)


def test_nothing_is_applied_without_a_decision(app):
    with transaction():
        founded_by(a_university("One"))
        a_planned_term()
    with pytest.raises(refusals.NotApproved), transaction():
        rollover.apply(1, actor=STAFF)
    with pytest.raises(refusals.DecisionMissing), transaction():
        rollover.approve(1, "  ", NEXT, actor=STAFF)


def test_a_term_without_a_plan_is_neither_approved_nor_applied(app):
    with transaction():
        services.create_term(0, {"en": "Foundation"}, actor=STAFF)
    for act in (
        lambda: rollover.approve(0, "MoU", FOUNDED, actor=STAFF),
        lambda: rollover.apply(0, actor=STAFF),
        lambda: rollover.revert(0, actor=STAFF),
    ):
        with pytest.raises(refusals.NotPlanned), transaction():
            act()


def test_only_the_proposal_that_was_seen_is_approved(app):
    with transaction():
        founded_by(a_university("One"))
        seen = a_planned_term().hash
        rollover.admit(1, a_university("Two"), actor=STAFF)
    with pytest.raises(refusals.ProposalChanged), transaction():
        rollover.approve(1, "Assembly", NEXT, actor=STAFF, expected_hash=seen)


def test_a_proposal_changed_behind_the_approval_is_not_applied(app):
    with transaction():
        one, two = universities("JP", 2)
        founded_by(one, two)
        a_planned_term()
        run = rollover.approve(1, "Assembly", NEXT, actor=STAFF).run
        queries.items_of(run)[0].action = ItemAction.WITHDRAW
    with pytest.raises(refusals.ProposalChanged), transaction():
        rollover.apply(1, actor=STAFF)
    assert queries.open_term().number == 0


def test_an_approved_proposal_is_frozen_until_the_approval_is_taken_back(app):
    with transaction():
        one, two = universities("JP", 2)
        founded_by(one)
        a_planned_term()
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
    with pytest.raises(refusals.RunIsFrozen), transaction():
        rollover.admit(1, two, actor=STAFF)
    with transaction():
        rollover.reopen(1, actor=STAFF)
        rollover.admit(1, two, actor=STAFF)
        assert rollover.plan(1, actor=STAFF).after["total"] == 2


def test_replies_and_notes_do_not_change_the_hash(app):
    with transaction():
        one = a_university("One")
        founded_by(one)
        before = a_planned_term().hash
        rollover.set_reply(1, one, Reply.CONFIRMED, actor=STAFF, note="by mail")
        after = rollover.plan(1, actor=STAFF)
    assert after.hash == before
    assert Flag.NO_REPLY not in after.items[0].flags


def test_flags_tell_what_to_look_at(app):
    with transaction():
        plain, renamed, merged, bouncing = universities("JP", 4)
        founded_by(plain, renamed, merged, bouncing)
        institutions.rename(renamed, {"en": "New name"}, on=date(2018, 4, 1), actor=STAFF)
        institutions.record_change(
            ChangeKind.ABSORPTION,
            [merged],
            [a_university("Heir")],
            on=date(2018, 4, 1),
            actor=STAFF,
        )
        values = ContactValues("Sato", "Sato@Example.org", "ja", ContactCapacity.PRIMARY)
        services.add_contact(bouncing, values, actor=STAFF, since=FOUNDED)
        db.session.add(
            Suppression(address="sato@example.org", reason="bounced", created_at=clock.now())
        )
        proposal = a_planned_term()
        flags = {item.institution.slug: set(item.flags) for item in proposal.items}
    missing = {"missing_name_ja", "missing_name_ru"}
    assert flags["jp-0000"] == {"no_reply", "no_contact", *missing}
    assert flags["jp-0001"] == {"no_reply", "renamed", "no_contact", *missing}
    assert flags["jp-0002"] == {"merged_away", "no_contact", *missing}
    assert flags["jp-0003"] == {"no_reply", "bounced_contact", *missing}
    assert actions(proposal)["heir"] == "succeed"


def test_a_merger_after_the_day_of_the_term_does_not_reach_back(app):
    with transaction():
        one = a_university("One")
        founded_by(one)
        institutions.record_change(
            ChangeKind.ABSORPTION, [one], [a_university("Heir")], on=date(2024, 10, 1), actor=STAFF
        )
        assert actions(a_planned_term()) == {"one": "renew"}


def test_planning_again_keeps_what_was_chosen_and_follows_the_members(app):
    with transaction():
        first, second, heir = universities("JP", 3)
        founded_by(first, second)
        a_planned_term()
        rollover.withdraw(1, first, actor=STAFF)
        services.succeed(second, heir, on=date(2017, 4, 1), decision="Board", actor=STAFF)
    with pytest.raises(refusals.MembersChanged), transaction():
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
    with transaction():
        proposal = rollover.plan(1, actor=STAFF)
    assert actions(proposal) == {"jp-0000": "withdraw", "jp-0002": "renew"}


def test_a_member_is_not_admitted_and_a_stranger_does_not_leave(app):
    with transaction():
        member, stranger = universities("JP", 2)
        founded_by(member)
        a_planned_term()
    with pytest.raises(refusals.ActionDoesNotFit), transaction():
        rollover.admit(1, member, actor=STAFF)
    with pytest.raises(refusals.ActionDoesNotFit), transaction():
        rollover.withdraw(1, stranger, actor=STAFF)


def test_a_term_is_planned_only_from_the_open_one(app):
    with transaction():
        services.create_term(0, {"en": "Foundation"}, actor=STAFF)
        services.create_term(1, {"en": "First"}, actor=STAFF)
    with pytest.raises(refusals.PreviousTermNotOpen), transaction():
        rollover.plan(1, actor=STAFF)


def test_a_term_cannot_begin_before_the_one_it_follows(app):
    with transaction():
        founded_by(a_university("One"))
        a_planned_term()
    with pytest.raises(refusals.TooEarly), transaction():
        rollover.approve(1, "Assembly", FOUNDED, actor=STAFF)


def test_nobody_who_came_to_an_end_is_admitted(app):
    with transaction():
        founded_by(a_university("One"))
        gone, heir = a_university("Gone"), a_university("Heir")
        institutions.record_change(
            ChangeKind.ABSORPTION, [gone], [heir], on=date(2017, 1, 1), actor=STAFF
        )
        a_planned_term()
        rollover.admit(1, gone, actor=STAFF)
    with pytest.raises(refusals.IsDissolved), transaction():
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)


def test_a_member_that_left_may_come_back_as_a_second_spell(app):
    with transaction():
        one, two = universities("JP", 2)
        founded_by(one, two)
        a_planned_term()
        rollover.withdraw(1, one, actor=STAFF)
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
        rollover.apply(1, actor=STAFF)
        a_term(2, date(2019, 9, 23), [one])
    assert [spell.begins_on for spell in queries.spells_of(one)] == [FOUNDED, date(2019, 9, 23)]
    assert queries.is_member(one.id, date(2019, 1, 1)) is False


def test_the_place_of_a_merged_member_passes_to_its_successor(app):
    the_association()
    day = date(2024, 10, 1)
    with transaction():
        member = queries.roster(day)[0].institution
        heir = a_university("Institute of Science Tokyo")
        services.succeed(member, heir, on=day, decision="Board 2024", actor=STAFF)
    assert len(queries.roster(date(2024, 9, 30))) == len(queries.roster(day)) == 63
    assert heir.slug in members(day)
    assert member.slug not in members(day)
    with transaction():
        again = services.succeed(member, heir, on=day, decision="Board 2024", actor=STAFF)
    assert again.begins_on == day
    assert [standing.kind for standing, _term in queries.standings_of(heir)] == ["succeeded"]


def test_only_a_member_can_be_succeeded(app):
    with transaction():
        member, stranger, heir = universities("JP", 3)
        founded_by(member)
    with pytest.raises(refusals.NotAMember), transaction():
        services.succeed(stranger, heir, on=date(2020, 1, 1), decision="Board", actor=STAFF)
    with pytest.raises(refusals.SucceedsItself), transaction():
        services.succeed(member, member, on=date(2020, 1, 1), decision="Board", actor=STAFF)
    with pytest.raises(refusals.TooEarly), transaction():
        services.succeed(member, heir, on=FOUNDED, decision="Board", actor=STAFF)


def test_the_database_refuses_a_second_open_spell_and_a_second_open_term(app):
    with transaction():
        one = a_university("One")
        founded_by(one)
    first = queries.find_open_spell(one.id)
    with pytest.raises(IntegrityError), transaction():
        db.session.add(
            Spell(
                institution_id=one.id,
                begins_on=NEXT,
                begin_kind=SpellBegin.ADMITTED,
                begin_decision_id=first.begin_decision_id,
            )
        )
    with pytest.raises(IntegrityError), transaction():
        db.session.add(Term(number=9, state=TermState.OPEN, name={}, opens_on=NEXT))
    with pytest.raises(IntegrityError), transaction():
        db.session.get(Spell, first.id).ends_on = NEXT  # without a kind and a decision


def test_terms_follow_each_other_without_a_gap(app):
    with pytest.raises(refusals.TermsHaveAGap), transaction():
        services.create_term(1, {"en": "First"}, actor=STAFF)
    with transaction():
        services.create_term(0, {"en": "Foundation"}, actor=STAFF)
    with pytest.raises(refusals.TermExists), transaction():
        services.create_term(0, {"en": "Foundation"}, actor=STAFF)


def test_two_who_apply_at_once_apply_once(committing_app):
    with committing_app.app_context(), transaction():
        founded_by(a_university("One"))
        a_planned_term()
        rollover.admit(1, a_university("Two"), actor=STAFF)
        rollover.approve(1, "Assembly", NEXT, actor=STAFF)
    changed: list[bool] = []
    gate = threading.Barrier(4)

    def apply() -> None:
        with committing_app.app_context():
            gate.wait()
            with transaction():
                changed.append(rollover.apply(1, actor=STAFF).changed)

    threads = [threading.Thread(target=apply) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(changed) == [False, False, False, True]
    with committing_app.app_context():
        assert len(queries.roster(NEXT)) == 2


def test_a_thousand_institutions_are_rolled_over_in_few_statements(app, count_queries):
    with transaction():
        founded_by(*universities("JP", 1000))
    with count_queries() as statements, transaction():
        a_term(1, NEXT, [])
    assert len(statements) < 100
    assert len(queries.roster(NEXT)) == 1000


def test_what_is_decided_for_a_day_ahead_is_not_applied_before_it(app):
    ahead = clock.today() + timedelta(days=90)
    with transaction():
        founded_by(*universities("JP", 2))
        a_planned_term(on=ahead)
        rollover.approve(1, "Assembly", ahead, actor=STAFF)
        with pytest.raises(refusals.DayNotCome) as refused:
            rollover.apply(1, actor=STAFF)
    assert "decided for" in str(refused.value)
    assert queries.get_term(0).state is TermState.OPEN


def test_what_was_undone_is_the_next_draft_with_its_lines_and_replies(app):
    with transaction():
        one, two, three = universities("JP", 3)
        founded_by(one, two, three)
        newcomer = a_university("Newcomer", "RU")
        a_planned_term()
        rollover.set_reply(1, one, Reply.CONFIRMED, actor=STAFF, note="letter of 3 May")
        rollover.withdraw(1, two, actor=STAFF, note="by telephone")
        rollover.admit(1, newcomer, actor=STAFF)
        before = rollover.approve(1, "Assembly", NEXT, actor=STAFF).as_json()
        rollover.apply(1, actor=STAFF)
        rollover.revert(1, actor=STAFF)
        again = rollover.plan(1, actor=STAFF)
    assert again.run.state is RunState.DRAFT
    assert again.hash == before["hash"]
    items = db.session.scalars(select(RolloverItem).where(RolloverItem.run_id == again.run.id))
    kept = {item.institution.slug: (item.action, item.reply, item.note) for item in items}
    assert kept[one.slug] == (ItemAction.RENEW, Reply.CONFIRMED, "letter of 3 May")
    assert kept[two.slug][::2] == (ItemAction.WITHDRAW, "by telephone")
    assert kept["newcomer"][0] is ItemAction.ADMIT
