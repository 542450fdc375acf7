"""Public pages of memberships: the members on a day, and one member with its history."""

from __future__ import annotations

from itertools import groupby

from flask import render_template, request
from flask.typing import ResponseReturnValue

from harpevents.core import clock, i18n
from harpevents.core.access import public
from harpevents.core.errors import NotFound
from harpevents.core.names.order import order_key
from harpevents.core.web import cacheable_page, public_blueprint
from harpevents.institutions import queries as institutions
from harpevents.institutions import words as institution_words
from harpevents.memberships import queries, words
from harpevents.memberships.forms import asked_day

bp = public_blueprint("memberships", __name__)


@bp.get("/members/")
@public
def index() -> ResponseReturnValue:
    """The members of a day under the names of that day, by country."""
    day, understood = asked_day(request.args.get("on"))
    members = queries.roster(day)
    language = i18n.current_language()
    groups = [
        (country, sorted(group, key=lambda member: order_key(member.name(language), language)))
        for country, group in groupby(members, key=lambda member: member.institution.country)
    ]
    page = render_template(
        "memberships/index.html",
        day=day,
        today=clock.today(),
        understood=understood,
        groups=groups,
        total=len(members),
        terms=[term for term in queries.terms() if term.opens_on and term.state != "planned"],
        fallbacks=any(member.name_language(language) != language for member in members),
        language=language,
        words=institution_words,
    )
    return cacheable_page(page) if understood else (page, 400)


@bp.get("/members/<slug>")
@public
def member(slug: str) -> ResponseReturnValue:
    """One university that is or was a member: names, since when, terms, what became of it."""
    institution = institutions.get_by_slug(slug)
    spells = queries.spells_of(institution)
    if not spells:
        raise NotFound(slug)
    lineages = institutions.changes_of([institution.id])
    parties = {party.id for line in lineages for party in (*line.before, *line.after)}
    all_names = institutions.dated_names(institution)
    official = [name for name in all_names if name.form == "official"]
    page = render_template(
        "memberships/member.html",
        institution=institution,
        names=institutions.names_of([institution.id]).get(institution.id, {}),
        former=[name for name in official if name.valid_to is not None],
        spells=spells,
        standings=queries.standings_of(institution),
        is_member=queries.is_member(institution.id, clock.today()),
        lineages=[line for line in lineages if line.change.kind != "rename"],
        party_names=institutions.names_of(parties),
        member_slugs=queries.slugs_of_members_ever(parties),
        words=words,
        language=i18n.current_language(),
    )
    return cacheable_page(page)
