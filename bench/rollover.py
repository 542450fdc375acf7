"""A roll-over of a thousand members: in this process for its time, at the desk for who waits."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from bench.figures import Figure
from bench.load import BenchRefused
from bench.stand import in_application, migrated
from bench.visitor import Browser
from harpevents.audit.services import COMMAND_LINE
from harpevents.core.db import db, transaction
from harpevents.institutions import services as institutions
from harpevents.institutions.models import Institution, InstitutionKind
from harpevents.institutions.services import InstitutionValues
from harpevents.memberships import proposal, rollover
from harpevents.memberships import services as memberships

MEMBERS = 1_000
FOUNDED, FIRST = date(2020, 1, 1), date(2022, 1, 1)


def found() -> None:
    """The first term with a thousand members, and the next one planned; in an application."""
    known = db.session.scalar(select(func.count(Institution.id))) or 0
    with transaction():
        for number in range(known, MEMBERS):
            values = InstitutionValues(
                kind=InstitutionKind.UNIVERSITY,
                country="JP" if number % 2 else "RU",
                names={"en": f"Member University {number}"},
            )
            institutions.create(values, actor=COMMAND_LINE)
    with transaction():
        memberships.create_term(0, {"en": "Foundation"}, actor=COMMAND_LINE)
        proposal.plan(0, actor=COMMAND_LINE, on=FOUNDED)
        for institution in db.session.scalars(select(Institution).limit(MEMBERS)).all():
            proposal.admit(0, institution, actor=COMMAND_LINE)
        rollover.approve(0, "Foundation", FOUNDED, actor=COMMAND_LINE)
        rollover.apply(0, actor=COMMAND_LINE)
        memberships.create_term(1, {"en": "First"}, actor=COMMAND_LINE, opens_on=FIRST)


def measure(folder: Path) -> Iterator[Figure]:
    """The time from the proposal to the applied roll-over, without a server."""
    folder.mkdir()
    settings = migrated(folder, {}, found)
    with in_application(settings):
        began = time.perf_counter()
        with transaction():
            proposal.plan(1, actor=COMMAND_LINE, on=FIRST)
        with transaction():
            rollover.approve(1, "First assembly", FIRST, actor=COMMAND_LINE)
        with transaction():
            rollover.apply(1, actor=COMMAND_LINE)
        seconds = time.perf_counter() - began
    name = f"roll-over of {MEMBERS:,} institutions"
    yield Figure(name, "SQLite", f"{seconds:.2f} s", "≤ 2 s", seconds <= 2)


class AtTheDesk:
    """The same by its buttons, undone at the end, so that it can be done again and again."""

    PAGE = "/desk/terms/1/rollover"

    def __init__(self, staff: Browser) -> None:
        self.staff = staff
        self.steps = 0

    def next_step(self) -> None:
        """The next button: the proposal, the decision, the change of all members, its undoing."""
        step = ("plan", "approve", "apply", "revert")[self.steps % 4]
        self.steps += 1
        values = {}
        if step == "approve":
            seen = re.search(r'name="seen"[^>]*value="([^"]+)"', self.staff.get(self.PAGE))
            values = {"decision": "First assembly", "effective_on": FIRST.isoformat()}
            values["seen"] = seen[1] if seen else ""
        answer = self.staff.post_from(self.PAGE, f"{self.PAGE}/{step}", values)
        if SAYS[step] not in answer:
            raise BenchRefused(f"the roll-over's step {step} was not taken")


SAYS = {
    "plan": "The proposal is up to date.",
    "approve": "The decision is recorded",
    "apply": "The roll-over is applied",
    "revert": "The roll-over is undone.",
}
