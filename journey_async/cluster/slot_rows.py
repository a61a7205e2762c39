"""Who holds the slots of the account, as rows of their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

STALE: Final = 120.0
"""Seconds without a sign of life after which the slot of a single call is free again."""
WAITS: Final = 15.0
"""Seconds for which a single call that waits for a slot is taken to wait on, after its last sign of life."""


def holder(run: str, number: int) -> str:
    """Give the name under which a node holds a slot."""
    return f"{run}:{number}"


def held(connection: Connection, *, besides: str = "") -> int:
    """Tell how many slots are held."""
    query = "SELECT count(*) FROM journey.slots WHERE NOT waiting AND holder <> :besides"
    count: int = connection.execute(text(query), {"besides": besides}).scalar_one()
    return count


def may_take(connection: Connection, limit: int | None, *, holder: str, run: str, in_flight: int | None) -> bool:
    """Tell whether a node may have a slot: not while a single call waits for one."""
    query = """
        SELECT
            count(*) FILTER (WHERE NOT waiting) AS held,
            count(*) FILTER (WHERE waiting AND seen > clock_timestamp() - make_interval(secs => :waits)) AS ahead,
            count(*) FILTER (WHERE NOT waiting AND run = :run) AS ours
        FROM journey.slots WHERE holder <> :holder
    """
    values = {"holder": holder, "run": run, "waits": WAITS}
    row = connection.execute(text(query), values).one()
    if limit is not None and row.held + row.ahead >= limit:
        return forget_stale(connection) and may_take(connection, limit, holder=holder, run=run, in_flight=in_flight)
    return in_flight is None or row.ours < in_flight


def forget_stale(connection: Connection) -> bool:
    """Free the slots of single calls whose process died; True if there were any."""
    query = "DELETE FROM journey.slots WHERE run IS NULL AND seen < clock_timestamp() - make_interval(secs => :stale)"
    return connection.execute(text(query), {"stale": STALE}).rowcount > 0


def take(connection: Connection, holder: str, owner: str, *, run: str | None = None, waiting: bool = False) -> None:
    """Let a slot be held, or waited for."""
    query = """
        INSERT INTO journey.slots (holder, run, owner, waiting) VALUES (:holder, :run, :owner, :waiting)
        ON CONFLICT (holder) DO UPDATE SET owner = :owner, waiting = :waiting, task_id = NULL, seen = clock_timestamp()
    """
    connection.execute(text(query), {"holder": holder, "run": run, "owner": owner, "waiting": waiting})


def give(connection: Connection, holder: str, owner: str, task_id: str, *, run: str | None = None) -> None:
    """Let a slot be held by a task that runs, also above the limit."""
    query = """
        INSERT INTO journey.slots (holder, run, owner, waiting, task_id) VALUES (:holder, :run, :owner, false, :task)
        ON CONFLICT (holder) DO UPDATE SET owner = :owner, waiting = false, task_id = :task, seen = clock_timestamp()
    """
    connection.execute(text(query), {"holder": holder, "run": run, "owner": owner, "task": task_id})


def free(connection: Connection, holder: str) -> None:
    """Let a slot be held no longer."""
    connection.execute(text("DELETE FROM journey.slots WHERE holder = :holder"), {"holder": holder})
