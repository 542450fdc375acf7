"""Words that decide something are enumerations, and one check-in stands on a list at a time.

Only the program knew which words a source, an outcome or a purpose may be. `check_in.reason` held
codes of refusals beside what somebody wrote when taking a check-in back: the latter is `remark` now.
`arrival` numbers the check-ins that were taken, so that two desks cannot both be the first.

Revision ID: 0003
Revises: 0002
Create Date: 2026-12-01
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORD = sa.String(length=40)
WORDS = {
    "audit_entry": ("actor_kind", "actorkind", ("staff", "participant", "command", "job")),
    "delivery_attempt": (
        "outcome",
        "deliveryoutcome",
        ("accepted", "caught", "deferred", "refused", "unknown"),
    ),
    "institution_change_party": ("side", "partyside", ("from", "to")),
    "one_time_link": ("purpose", "linkpurpose", ("set", "reset")),
    "person_name": ("script", "script", ("latin", "other", "cyrillic", "ja", "kana")),
    "registration": ("source", "source", ("form", "desk", "walk_in", "import", "history")),
    "suppression": (
        "reason",
        "suppressionreason",
        ("unsubscribed", "bounced", "complained"),
    ),
}
REASONS = ("unknown_ticket", "other_event", "not_confirmed", "cancelled")


def upgrade():
    for table, (column, name, values) in WORDS.items():
        with op.batch_alter_table(table) as altering:
            if table == "institution_change_party":
                altering.drop_constraint(op.f(f"ck_{table}_side_is_from_or_to"), type_="check")
            altering.alter_column(column, existing_type=sa.String(), type_=WORD)
            altering.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} IN {values}")
    op.execute("UPDATE spell SET end_kind = 'withdrawn' WHERE end_kind = 'dissolved'")
    with op.batch_alter_table("spell") as altering:
        altering.drop_constraint(op.f("ck_spell_spellend"), type_="check")
        altering.create_check_constraint(
            op.f("ck_spell_spellend"), "end_kind IN ('withdrawn', 'merged')"
        )
    check_ins()


def check_ins():
    with op.batch_alter_table("check_in") as altering:
        altering.add_column(
            sa.Column("remark", sa.String(), nullable=False, server_default=sa.text("''"))
        )
        altering.add_column(sa.Column("arrival", sa.Integer(), nullable=True))
        altering.drop_constraint(op.f("ck_check_in_refused_says_why"), type_="check")
        altering.alter_column(
            "reason", existing_type=sa.String(), type_=WORD, nullable=True, server_default=None
        )
    op.execute("UPDATE check_in SET remark = reason WHERE result <> 'refused'")
    op.execute("UPDATE check_in SET reason = NULL WHERE result <> 'refused'")
    op.execute(
        "UPDATE check_in SET arrival = (SELECT count(*) FROM check_in AS earlier"
        " WHERE earlier.event_id = check_in.event_id"
        " AND earlier.registration_id = check_in.registration_id"
        " AND earlier.kind = 'in' AND earlier.result = 'ok'"
        " AND (earlier.received_at, earlier.id) <= (check_in.received_at, check_in.id))"
        " WHERE kind = 'in' AND result = 'ok'"
    )
    with op.batch_alter_table("check_in") as altering:
        altering.create_check_constraint(op.f("ck_check_in_refusalreason"), f"reason IN {REASONS}")
        altering.create_check_constraint(
            op.f("ck_check_in_refused_says_why"), "(result = 'refused') = (reason IS NOT NULL)"
        )
        altering.create_check_constraint(
            op.f("ck_check_in_arrivals_are_numbered"),
            "(kind = 'in' AND result = 'ok') = (arrival IS NOT NULL)",
        )
        altering.create_unique_constraint(
            op.f("uq_check_in_event_id_registration_id_arrival"),
            ["event_id", "registration_id", "arrival"],
        )
