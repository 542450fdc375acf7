"""From the draft to the last mail: readers are fixed once, written to once, and left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from harpevents.attendance import services as attendance
from harpevents.attendance.models import CheckInSource
from harpevents.audit.models import AuditEntry
from harpevents.core import clock, tokens
from harpevents.core.db import db, transaction
from harpevents.mailings import audiences, queries, services
from harpevents.mailings.models import DispatchExclusion, DispatchRecipient, DispatchState
from harpevents.mailings.placeholders import LooseBrace, UnknownPlaceholder, fill
from harpevents.mailings.refusals import NobodyToWriteTo, NotADraft, TextMissing, WrongTopic
from harpevents.mailings.values import DispatchValues, MailText
from harpevents.memberships.models import ContactCapacity
from harpevents.outbox.delivery import deliver_due
from harpevents.outbox.models import Message, MessageState, SuppressionReason
from harpevents.outbox.queries import suppressed_topics
from harpevents.outbox.services import suppress
from harpevents.registrations import queries as registration_queries
from harpevents.registrations import services as registrations
from harpevents.registrations.models import ConsentPurpose
from tests.factories import STAFF, an_entry, an_event, registered
from tests.mailings.arranging import (
    TEXTS,
    a_contact,
    a_further_member,
    sent,
    three_members,
    to_members,
    to_people_at,
)

SUBSCRIBERS = {"kind": "subscribers"}
WITH_NEWS = frozenset({ConsentPurpose.PRIVACY, ConsentPurpose.NEWSLETTER})


def readers() -> dict[str, DispatchRecipient]:
    return {one.address: one for one in db.session.scalars(select(DispatchRecipient))}


def mails() -> dict[str, Message]:
    return {one.to_address: one for one in db.session.scalars(select(Message))}


def excluded() -> list[tuple[str, str]]:
    query = select(DispatchExclusion.name, DispatchExclusion.reason)
    return sorted((row.name, row.reason.value) for row in db.session.execute(query))


def freeze(dispatch) -> None:
    with transaction():
        services.freeze(dispatch, STAFF)


def test_each_contact_is_written_to_in_her_own_language(app):
    three_members()
    sent(to_members())

    found = mails()
    assert found["kokusai@hokudai.example.jp"].subject == "北海道大学の皆様へ"
    assert found["kokusai@hokudai.example.jp"].text.startswith("田中 太郎 様\n\n総会を")
    assert found["inter@msu.example.ru"].subject == "Новости: МГУ"
    russian = found["inter@msu.example.ru"].text
    assert russian.startswith("Здравствуйте, Иванов, Иван Петрович!\n")
    assert found["office@tromso.example.no"].text.startswith('Dear Ola "Oli" Nordmann,\n')


def test_fixing_the_readers_twice_or_sending_twice_changes_nothing(app):
    three_members()
    dispatch = sent(to_members())
    with transaction():
        assert services.release(dispatch, STAFF) == 0
    with pytest.raises(NotADraft):
        freeze(dispatch)
    assert (len(readers()), len(mails())) == (3, 3)

    other = to_members()
    freeze(other)
    freeze(other)
    assert db.session.scalar(select(func.count()).select_from(DispatchRecipient)) == 6


def test_a_language_without_text_blocks_with_the_numbers(app):
    three_members()
    dispatch = to_members(texts={**TEXTS, "ru": MailText("Тема есть", "")})
    with pytest.raises(TextMissing) as refused:
        freeze(dispatch)
    assert str(refused.value) == (
        "Recipients by language: ja 1, en 1, ru 1. Text is missing in: Русский."
    )
    assert dispatch.state is DispatchState.DRAFT


def test_nobody_is_no_audience(app):
    with pytest.raises(NobodyToWriteTo):
        freeze(to_members())


def test_who_is_left_out_stands_there_with_the_reason(app):
    with transaction():
        suppress("kokusai@hokudai.example.jp", "general", SuppressionReason.UNSUBSCRIBED)
        suppress("inter@msu.example.ru", "general", SuppressionReason.BOUNCED)
    members = three_members()
    with transaction():
        rector = ContactCapacity.RECTOR
        a_contact(members["NO"], "office@tromso.example.no", "Ola again", "en", rector)
    freeze(to_members())
    assert list(readers()) == ["office@tromso.example.no"]
    assert excluded() == [
        ("Ola again", "duplicate"),
        ("Иванов, Иван Петрович", "suppressed"),
        ("田中 太郎", "opted_out"),
    ]


def test_a_member_without_a_contact_is_not_forgotten(app):
    three_members()
    a_further_member("lonely", "JP", ja="孤島大学", en="Island University")
    freeze(to_members())
    assert excluded() == [("孤島大学", "no_address")]


def test_a_shared_mailbox_gets_one_mail_that_names_both(app):
    members = three_members()
    with transaction():
        a_contact(members["RU"], "kokusai@hokudai.example.jp", "Petrov", "ru")
    sent(to_members())

    reader = readers()["kokusai@hokudai.example.jp"]
    assert reader.included_by == "contact of hokkaido; contact of moscow"
    assert reader.language == "ja"
    mail = mails()["kokusai@hokudai.example.jp"]
    assert mail.text.startswith("田中 太郎 様、Petrov 様\n")
    assert mail.subject == "北海道大学、Moscow State Universityの皆様へ"
    assert len(mails()) == 3


def test_nobody_is_added_after_the_readers_are_fixed(app):
    members = three_members()
    dispatch = to_members()
    freeze(dispatch)
    with transaction():
        a_contact(members["JP"], "late@hokudai.example.jp", "Late", "ja")
    with transaction():
        services.release(dispatch, STAFF)
    assert "late@hokudai.example.jp" not in mails()


def test_who_opts_out_after_that_is_skipped(app):
    three_members()
    dispatch = sent(to_members())
    with transaction():
        services.unsubscribe(readers()["inter@msu.example.ru"])
    deliver_due()

    db.session.expire_all()
    found = {address: mail.state for address, mail in mails().items() if mail.dispatch_key}
    assert found.pop("inter@msu.example.ru") is MessageState.SKIPPED
    assert set(found.values()) == {MessageState.ACCEPTED}
    states = queries.count_states([dispatch])[dispatch.id]
    assert queries.state_of(dispatch, states) is DispatchState.DONE


def test_a_paused_dispatch_waits_and_goes_on(app):
    three_members()
    dispatch = sent(to_members())
    with transaction():
        services.pause(dispatch, STAFF)
    assert deliver_due() == 0
    with transaction():
        services.resume(dispatch, STAFF)
    assert deliver_due() == 3


def test_a_cancelled_dispatch_sends_no_more(app):
    three_members()
    dispatch = sent(to_members())
    with transaction():
        assert services.cancel(dispatch, STAFF) == 3
    assert deliver_due() == 0
    db.session.expire_all()
    assert {mail.reason for mail in mails().values()} == {"cancelled"}


def test_the_log_names_who_did_what(app):
    three_members()
    sent(to_members())
    query = select(AuditEntry.action, AuditEntry.actor_name).where(
        AuditEntry.target_table == "dispatch"
    )
    assert list(db.session.execute(query.order_by(AuditEntry.id))) == [
        ("dispatch.create", "Secretariat"),
        ("dispatch.freeze", "Secretariat"),
        ("dispatch.release", "Secretariat"),
    ]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("Dear {nmae}", UnknownPlaceholder),
        ("Dear {link}", UnknownPlaceholder),
        ("Dear {}", UnknownPlaceholder),
        ("Dear {name", LooseBrace),
        ("Dear name}", LooseBrace),
        ("Dear {{name}}", LooseBrace),
        ("{name!r:>100} {__class__}", UnknownPlaceholder),
    ],
)
def test_a_wrong_placeholder_is_refused_at_saving(app, text, refusal):
    with pytest.raises(refusal) as refused:
        to_members(texts={"en": MailText("Hello", text)})
    assert refused.value.field == "text_en"


def test_values_are_never_templates():
    assert fill("{a} {b}", {"a": "{b}", "b": "{a}"}) == "{b} {a}"


def test_a_name_cannot_ask_for_a_secret_link(app):
    event = an_event()
    registered(
        event, email="eve@example.org", family="[[link:manage:abc:1:/en/r/]]", given="E", quiet=True
    )
    sent(to_people_at(event))
    written = tokens.fill_placeholders(mails()["eve@example.org"].text)
    assert "[[link:manage:abc:1:/en/r/]]" in written
    assert tokens.make("manage", "abc") not in written


def test_topic_and_audience_must_fit(app):
    with pytest.raises(WrongTopic):
        to_members(topic="event")


def test_people_at_an_event_get_their_own_link(app):
    event = an_event()
    ada = registered(event, email="ada@example.org", language="ru", country="RU", quiet=True)
    registered(event, email="bob@example.org", language="ja", quiet=True)
    sent(to_people_at(event))

    mail = mails()["ada@example.org"]
    assert mail.subject == "О мероприятии Северный форум"
    assert tokens.placeholder("manage", ada.key, "/ru/r/") in mail.text
    assert mail.headers["List-Id"] == "<forum.event.association.example>"
    assert mails()["bob@example.org"].subject == "北方フォーラムのご案内"


def test_newsletter_readers_are_those_who_agreed(app):
    event = an_event()
    registered(event, email="yes@example.org", consents=WITH_NEWS, quiet=True)
    registered(event, email="no@example.org", quiet=True)
    with transaction():
        term_free = services.create(
            DispatchValues(
                topic="newsletter",
                audience={"kind": "subscribers"},
                texts={"en": MailText("News", "{salutation}")},
            ),
            STAFF,
        )
    freeze(term_free)
    assert list(readers()) == ["yes@example.org"]


def a_newsletter():
    with transaction():
        return services.create(
            DispatchValues(
                topic="newsletter",
                audience={"kind": "subscribers"},
                texts={"en": MailText("News", "{salutation}")},
            ),
            STAFF,
        )


def test_a_newsletter_agreed_to_no_more_is_skipped_though_its_readers_are_fixed(app, client):
    person = registered(an_event(), email="taro@example.org", consents=WITH_NEWS, quiet=True)
    dispatch = a_newsletter()
    freeze(dispatch)
    assert list(readers()) == ["taro@example.org"]
    link = f"/en/r/{registration_queries.manage_token(person)}"
    assert client.submit(link, action="/consents/newsletter").status_code == 303
    with transaction():
        services.release(dispatch, STAFF)
    deliver_due()
    db.session.expire_all()
    assert [mail.state for mail in mails().values()] == [MessageState.SKIPPED]


def test_who_agrees_again_by_the_personal_link_gets_the_newsletter_again(app):
    person = registered(an_event(), email="taro@example.org", consents=WITH_NEWS, quiet=True)
    entry = an_entry(email="taro@example.org")
    for consents in (frozenset({ConsentPurpose.PRIVACY}), WITH_NEWS):
        with transaction():
            registrations.edit(
                person,
                replace(entry, consents=consents),
                actor=registrations.participant(person),
                quiet=True,
            )
    assert suppressed_topics("taro@example.org") == set()


def test_who_withdrew_at_one_event_gets_no_newsletter_because_of_another(app):
    for slug in ("one", "two"):
        one = registered(an_event(slug), email="taro@example.org", consents=WITH_NEWS, quiet=True)
    assert [person.address for person in audiences.candidates(SUBSCRIBERS, clock.today())] == [
        "taro@example.org"
    ]
    with transaction():
        registrations.withdraw_consent(one, ConsentPurpose.NEWSLETTER, actor=STAFF)
    assert list(audiences.candidates(SUBSCRIBERS, clock.today())) == []
    registered(an_event("three"), email="taro@example.org", consents=WITH_NEWS, quiet=True)
    assert len(list(audiences.candidates(SUBSCRIBERS, clock.today()))) == 1


def test_a_withdrawal_counts_for_its_own_purpose_and_address(app):
    first, second = an_event("first"), an_event("second")
    registered(first, email="ada@example.org", consents=WITH_NEWS)
    other = registered(
        second,
        email="ada@example.org",
        consents=frozenset({ConsentPurpose.PRIVACY, ConsentPurpose.PHOTOGRAPHS}),
    )
    stranger = registered(second, 2, email="eve@example.org", consents=WITH_NEWS)
    with transaction():
        registrations.withdraw_consent(other, ConsentPurpose.PHOTOGRAPHS, actor=STAFF)
        registrations.withdraw_consent(stranger, ConsentPurpose.NEWSLETTER, actor=STAFF)
    found = audiences.candidates(SUBSCRIBERS, clock.today())
    assert [one.address for one in found] == ["ada@example.org"]


def test_a_reader_of_the_newsletter_is_met_as_she_registered_last(app):
    registered(an_event("first"), email="ada@example.org", consents=WITH_NEWS, given="Then")
    registered(an_event("second"), email="ada@example.org", consents=WITH_NEWS, given="Now")
    (found,) = audiences.candidates(SUBSCRIBERS, clock.today())
    assert found.name.startswith("Now")


@pytest.mark.parametrize(
    ("who", "numbers"), [("registered", [1, 2]), ("present", [1]), ("absent", [2])]
)
def test_confirmed_people_of_an_event_came_or_did_not(app, who, numbers):
    event = an_event(capacity=2)
    came, *_others = [registered(event, number) for number in (1, 2, 3)]
    with transaction():
        attendance.check_in(event, came, source=CheckInSource.QR, actor=STAFF)
    audience = {"kind": "event", "slug": "forum", "who": who}
    found = [one.included_by for one in audiences.candidates(audience, clock.today())]
    assert found == [f"registration {number}" for number in numbers]


def test_members_of_one_term_are_none_of_another(app):
    three_members()
    assert list(audiences.candidates({"kind": "members", "term": 2}, clock.today())) == []
