"""Check-ins taken more than a day before an event that is still to come are marked as rehearsals.

The mark is younger than they are: without it they would count once the event begins. What was
counted at events that have begun stays as it is, because nobody can say now what it was.

Revision ID: 0005
Revises: 0004
Create Date: 2026-12-01
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
EVENT = sa.table("event", sa.column("id"), sa.column("parent_id"), sa.column("starts_at", MOMENT))
CHECK_IN = sa.table(
    "check_in",
    sa.column("event_id"),
    sa.column("happened_at", MOMENT),
    sa.column("is_rehearsal", sa.Boolean()),
)
A_DAY = timedelta(days=1)


def upgrade():
    connection = op.get_bind()
    now = datetime.now(UTC)
    if connection.dialect.name == "sqlite":
        now = now.replace(tzinfo=None)  # as instants are written there
    begins, held_together = {}, defaultdict(list)
    for event, parent, starts_at in connection.execute(sa.select(*EVENT.columns)).all():
        whole = parent or event
        held_together[whole].append(event)
        begins[whole] = min(starts_at, begins.get(whole, starts_at))
    for whole, first in begins.items():
        if first > now:
            connection.execute(
                sa.update(CHECK_IN)
                .where(
                    CHECK_IN.c.event_id.in_(held_together[whole]),
                    CHECK_IN.c.happened_at < first - A_DAY,
                )
                .values(is_rehearsal=True)
            )
