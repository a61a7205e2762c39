"""The records of runs, as rows of their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import text

from journey_async.core.records import Intended, decode, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from journey_async.core.records import Record


def lock(connection: Connection, run: str) -> None:
    """Let nobody else append to a run before the transaction ends."""
    connection.execute(text("SELECT 1 FROM journey.runs WHERE run = :run FOR UPDATE"), {"run": run})


def of_node(connection: Connection, run: str, number: int) -> list[Record]:
    """Give the records of one node."""
    query = "SELECT record FROM journey.records WHERE run = :run AND number = :number ORDER BY n"
    return [decode(kept) for kept in connection.execute(text(query), {"run": run, "number": number}).scalars()]


def append(connection: Connection, run: str, records: Sequence[Record], *, number: int | None = None) -> int:
    """Append records, of one node or of several, and give how many the run has then."""
    count = connection.execute(
        text("UPDATE journey.runs SET records = records + :more WHERE run = :run RETURNING records"),
        {"run": run, "more": len(records)},
    ).scalar_one()
    first = cast("int", count) - len(records) + 1
    rows = [
        {
            "run": run,
            "n": first + place,
            "number": number if number is not None else getattr(record, "number", None),
            "intent": record.intent if isinstance(record, Intended) else None,
            "record": encode(record),
        }
        for place, record in enumerate(records)
    ]
    insert = "INSERT INTO journey.records (run, n, number, intent, record) VALUES (:run, :n, :number, :intent, :record)"
    connection.execute(text(insert), rows)
    return first + len(records) - 1


def intended(connection: Connection, intent: str) -> tuple[str, int] | None:
    """Give the run and the node that an intent is of; None if it is of none."""
    query = "SELECT run, number FROM journey.records WHERE intent = :intent"
    row = connection.execute(text(query), {"intent": intent}).one_or_none()
    return None if row is None else (row.run, row.number)


def tells_of(connection: Connection, run: str, task_id: str) -> bool:
    """Tell whether a task is that of some node of a run already."""
    query = "SELECT 1 FROM journey.records WHERE run = :run AND position(:task IN record) > 0 LIMIT 1"
    values = {"run": run, "task": f'"task_id":"{task_id}"'}
    return connection.execute(text(query), values).one_or_none() is not None
