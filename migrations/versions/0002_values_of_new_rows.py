"""The database knows the values of what is not written, as the program does.

Until now only the program filled them in, so a column added later had nothing for the rows that
were there, and other programs could write none.

Revision ID: 0002
Revises: 0001
Create Date: 2026-12-01
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT, WORD = sa.String(), sa.String(length=40)
EMPTY = (TEXT, "")
NO = (sa.Boolean(), sa.text("false"))
VALUES = {
    "account": {"is_demo": NO},
    "affiliation": {"position": EMPTY},
    "attendance_report": {"title": EMPTY},
    "check_in": {"reason": EMPTY, "device": EMPTY},
    "event": {
        "series": EMPTY,
        "precision": (WORD, "minute"),
        "languages": (TEXT, "ja,en,ru"),
        "takes_registrations": NO,
        "needs_approval": NO,
        "join_url": EMPTY,
        "reported_note": EMPTY,
        "revision": (sa.Integer(), sa.text("1")),
    },
    "institution": {"city": EMPTY, "website": EMPTY, "domain": EMPTY},
    "institution_change": {"source": EMPTY},
    "institution_name": {"source": EMPTY},
    "outbox_message": {
        "optional": NO,
        "state": (WORD, "queued"),
        "held": NO,
        "attempts": (sa.Integer(), sa.text("0")),
    },
    "person": {"search": EMPTY},
    "person_name": {"family": EMPTY, "given": EMPTY, "patronymic": EMPTY},
    "registration": {
        "key_version": (sa.Integer(), sa.text("1")),
        "family": EMPTY,
        "given": EMPTY,
        "patronymic": EMPTY,
        "latin_family": EMPTY,
        "latin_given": EMPTY,
        "kana_family": EMPTY,
        "kana_given": EMPTY,
        "institution_text": EMPTY,
        "category": (WORD, "other"),
        "position": EMPTY,
        "note": EMPTY,
        "desk_note": EMPTY,
        "search": EMPTY,
        "sort_name": EMPTY,
    },
    "reported_person": {"organisation": EMPTY, "is_host": NO},
    "rollover_item": {"reply": (WORD, "none"), "note": EMPTY},
    "service_mark": {"detail": EMPTY},
    "suppression": {"topic": EMPTY},
}


def upgrade():
    for table, columns in VALUES.items():
        with op.batch_alter_table(table) as altering:
            for column, (kind, value) in columns.items():
                altering.alter_column(column, existing_type=kind, server_default=value)
