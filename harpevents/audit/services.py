"""Writing the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import inspect

from harpevents.audit.models import ActorKind, AuditEntry
from harpevents.core import clock
from harpevents.core.db import Base, db, insert_rows


class Named(Protocol):
    """A staff account, or who is signed in with one."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Actor:
    """Who acts: a staff account, a participant through her link, a command, a job."""

    kind: ActorKind
    name: str
    key: str | None = None

    @classmethod
    def of_account(cls, account: Named) -> Actor:
        """The holder of a staff account."""
        return cls(ActorKind.STAFF, account.name, str(account.id))


COMMAND_LINE = Actor(ActorKind.COMMAND, "command line")
WORKER = Actor(ActorKind.JOB, "worker")


def record(
    action: str,
    target: Base,
    *,
    actor: Actor,
    event_id: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Append what `actor` did to `target` (flushed: it has its key) to the open transaction.

    `details` is JSON: changed values as {"field": [before, after]}; no secrets, no free text of
    others beyond what the change itself is about.
    """
    key = inspect(target).identity
    if key is None:
        db.session.flush()
        key = inspect(target).identity
    entry = {
        "at": clock.now(),
        "action": action,
        "actor_kind": actor.kind,
        "actor_key": actor.key,
        "actor_name": actor.name,
        "target_table": target.__tablename__,
        "target_key": "/".join(str(part) for part in key or ()),
        "event_key": None if event_id is None else str(event_id),
        "details": details or {},
    }
    insert_rows(AuditEntry, [entry])


def changes(row: Base) -> dict[str, list[Any]]:
    """{column: [before, after]} of what changed on `row` and is not flushed, as JSON values."""
    found: dict[str, list[Any]] = {}
    for attribute in inspect(row).mapper.column_attrs:
        history = inspect(row).attrs[attribute.key].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            found[attribute.key] = [_plain(before), _plain(after)]
    return found


def _plain(value: Any) -> Any:
    return (
        value if isinstance(value, (str, int, float, bool, dict, list, type(None))) else str(value)
    )
