"""Commands of memberships: the roster, a member's history, and the roll-over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from harpevents.audit.services import COMMAND_LINE
from harpevents.core import clock, i18n
from harpevents.core.console import json_option, print_json, refuses, text_options
from harpevents.core.db import transaction
from harpevents.core.languages import FALLBACK
from harpevents.institutions import queries as institutions
from harpevents.memberships import queries, rollover, services
from harpevents.memberships.rollover import Proposal

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("members")
def members() -> None:
    """Member universities: who they are on a day, and how each came and went."""


@members.command("list")
@click.option("--on", type=DAY, help="The day, half-open: an assembly's day counts as new. Today.")
@json_option
@refuses
def list_command(on: datetime | None, as_json: bool) -> None:
    """List the members of a day under the names of that day."""
    day = on.date() if on else clock.today()
    roster = queries.roster(day)
    counts = queries.by_country(roster)
    if as_json:
        print_json(
            {
                "on": day.isoformat(),
                "total": len(roster),
                "by_country": counts,
                "members": [_member(member) for member in roster],
            }
        )
        return
    for member in roster:
        click.echo(f"{member.institution.country}  {member.since}  {member.name(FALLBACK)}")
    parts = ", ".join(f"{country} {number}" for country, number in counts.items())
    click.echo(f"{len(roster)} members on {day}{f' ({parts})' if parts else ''}")


def _member(member: queries.Member) -> dict[str, Any]:
    return {
        "slug": member.institution.slug,
        "ror_id": member.institution.ror_id,
        "country": member.institution.country,
        "names": {lang: member.names.get(lang) for lang in i18n.languages()},
        "since": member.since.isoformat(),
    }


@members.command("history")
@click.argument("slug")
@json_option
@refuses
def history_command(slug: str, as_json: bool) -> None:
    """Show when an institution was a member, in which terms, and by which decisions."""
    institution = institutions.get_by_slug(slug)
    spells = queries.spells_of(institution)
    standings = queries.standings_of(institution)
    if as_json:
        print_json(
            {
                "slug": slug,
                "spells": [_spell(spell) for spell in spells],
                "terms": [
                    {"term": term.number, "standing": standing.kind.value}
                    for standing, term in standings
                ],
            }
        )
        return
    click.echo(institutions.name_of(institution, FALLBACK))
    if not spells:
        click.echo("  has never been a member")
    for spell in spells:
        click.echo(f"  {spell.begins_on}  {spell.begin_kind}: {spell.begin_decision.title}")
        if spell.ends_on and spell.end_decision:
            click.echo(f"  {spell.ends_on}  {spell.end_kind}: {spell.end_decision.title}")
    for standing, term in standings:
        click.echo(f"  term {term.number}: {standing.kind}")


def _spell(spell: Any) -> dict[str, Any]:
    ended = spell.end_decision
    return {
        "begins_on": spell.begins_on.isoformat(),
        "begin_kind": spell.begin_kind.value,
        "begin_decision": spell.begin_decision.title,
        "ends_on": spell.ends_on.isoformat() if spell.ends_on else None,
        "end_kind": spell.end_kind.value if spell.end_kind else None,
        "end_decision": ended.title if ended else None,
    }


@members.command("succeed")
@click.argument("slug")
@click.argument("successor")
@click.option("--on", type=DAY, required=True)
@click.option("--decision", required=True, help="Which decision this rests on.")
@refuses
def succeed_command(slug: str, successor: str, on: datetime, decision: str) -> None:
    """Pass the place of member SLUG to SUCCESSOR within the open term."""
    with transaction():
        member, heir = institutions.get_by_slug(slug), institutions.get_by_slug(successor)
        services.succeed(member, heir, on=on.date(), decision=decision, actor=COMMAND_LINE)
    click.echo(f"{successor} has the place of {slug} from {on.date()} on")


@click.group("rollover")
def rollover_group() -> None:
    """Carry the members over from one term into the next."""


@rollover_group.command("term")
@click.argument("number", type=click.IntRange(0))
@text_options("name", "The name", required=(FALLBACK,))
@click.option("--on", type=DAY, help="The day it is expected to open.")
@refuses
def term_command(number: int, name: dict[str, str], on: datetime | None) -> None:
    """Add planned term NUMBER, named by its assembly; 0 is the foundation."""
    with transaction():
        services.create_term(number, name, actor=COMMAND_LINE, opens_on=on.date() if on else None)
    click.echo(f"term {number} is planned")


@rollover_group.command("plan")
@click.argument("term", type=click.IntRange(0))
@json_option
@refuses
def plan_command(term: int, as_json: bool) -> None:
    """Propose what becomes of each member in TERM; once applied, show what was done."""
    with transaction():
        proposal = rollover.plan(term, actor=COMMAND_LINE)
        answer = proposal.as_json()
    if as_json:
        print_json(answer)
    else:
        _say(answer)


def _say(answer: dict[str, Any]) -> None:
    origin = "foundation" if answer["from"] is None else f"term {answer['from']}"
    click.echo(f"{origin} → term {answer['to']} ({answer['state']})")
    for country, bridge in [("all", answer["bridge"]), *answer["bridge_by_country"].items()]:
        before = bridge["renew"] + bridge["withdraw"] + bridge["merge"]
        after = bridge["renew"] + bridge["admit"] + bridge["succeed"]
        click.echo(
            f"  {country}: {before} + {bridge['admit']} admitted − {bridge['withdraw']} withdrawn"
            f" − {bridge['merge']} merged + {bridge['succeed']} succeeded = {after}"
        )
    for item in answer["items"]:
        flags = f"  [{', '.join(item['flags'])}]" if item["flags"] else ""
        click.echo(f"  {item['action']:<8}  {item['institution']}{flags}")
    click.echo(f"  hash {answer['hash']}")


@rollover_group.command("admit")
@click.argument("term", type=click.IntRange(0))
@click.argument("slugs", nargs=-1, required=True)
@refuses
def admit_command(term: int, slugs: tuple[str, ...]) -> None:
    """Propose to admit the institutions SLUGS with TERM."""
    with transaction():
        for slug in slugs:
            rollover.admit(term, institutions.get_by_slug(slug), actor=COMMAND_LINE)
        proposal = rollover.plan(term, actor=COMMAND_LINE)
        click.echo(f"{proposal.after['total']} members after term {term} begins")


@rollover_group.command("withdraw")
@click.argument("term", type=click.IntRange(0))
@click.argument("slugs", nargs=-1, required=True)
@refuses
def withdraw_command(term: int, slugs: tuple[str, ...]) -> None:
    """Propose that the members SLUGS leave with TERM."""
    with transaction():
        for slug in slugs:
            rollover.withdraw(term, institutions.get_by_slug(slug), actor=COMMAND_LINE)
        proposal = rollover.plan(term, actor=COMMAND_LINE)
        click.echo(f"{proposal.after['total']} members after term {term} begins")


@rollover_group.command("approve")
@click.argument("term", type=click.IntRange(0))
@click.option("--decision", required=True, help="The assembly's decision, in words.")
@click.option("--on", type=DAY, required=True, help="The day it takes effect.")
@click.option("--hash", "expected", help="Approve only the proposal of this hash.")
@refuses
def approve_command(term: int, decision: str, on: datetime, expected: str | None) -> None:
    """Record the assembly's decision on TERM and freeze its proposal."""
    with transaction():
        proposal: Proposal = rollover.approve(
            term, decision, _day(on), actor=COMMAND_LINE, expected_hash=expected
        )
        frozen = proposal.run.proposal_hash
    click.echo(f"term {term} is approved from {_day(on)} on; hash {frozen}")


def _day(moment: datetime) -> date:
    return moment.date()


@rollover_group.command("apply")
@click.argument("term", type=click.IntRange(0))
@refuses
def apply_command(term: int) -> None:
    """Do what was approved for TERM, all or nothing; again, it changes nothing."""
    with transaction():
        applied = rollover.apply(term, actor=COMMAND_LINE)
        before, after = applied.proposal.before["total"], applied.proposal.after["total"]
    if applied.changed:
        click.echo(f"term {term} is open: {before} → {after} members")
    else:
        click.echo(f"term {term} was applied already; nothing was changed")


@rollover_group.command("revert")
@click.argument("term", type=click.IntRange(0))
@refuses
def revert_command(term: int) -> None:
    """Undo the roll-over into TERM while nothing stands on it."""
    with transaction():
        rollover.revert(term, actor=COMMAND_LINE)
    click.echo(f"the roll-over into term {term} is undone")


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
    root.add_command(members)
    root.add_command(rollover_group)
