"""What a cluster keeps in its database. Each call is one transaction, and blocks: it is made in a thread."""

# Locks are always taken in this order: the account, then a run. So no two transactions wait for each other.

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import asdict, frozen
from sqlalchemy import create_engine, text

from journey_async.cluster import beliefs, record_rows, schema, slot_rows
from journey_async.cluster.appending import fitting
from journey_async.cluster.queues import Job, Queues, again, engine_url
from journey_async.cluster.slot_store import SlotStore
from journey_async.core.records import decode, encode

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from journey_async.cluster.address import Cluster
    from journey_async.core.records import Intended, Record, Settled

CONNECTIONS: Final = 4
PATIENCE: Final = 5
"""Seconds to wait for a connection to be made."""
CHANNEL: Final = "journey_deliveries"
"""Where those who listen are told of webhooks that others received."""

_PATH: Final = """
WITH RECURSIVE path AS (
    SELECT number, parent, key FROM journey.nodes WHERE run = :run AND number = :number
    UNION ALL
    SELECT above.number, above.parent, above.key FROM journey.nodes above JOIN path ON above.number = path.parent
    WHERE above.run = :run
)
"""
_KEYS: Final = f"{_PATH} SELECT number, key FROM path"  # nosec B608  # noqa: S608 - our own texts
_RECORDS: Final = f"{_PATH} SELECT record FROM journey.records JOIN path USING (number) WHERE run = :run ORDER BY n"  # nosec B608  # noqa: S608


@frozen(kw_only=True)
class NodeKept:
    """What is looked up of a node of the newest graph."""

    number: int
    parent: int | None
    key: str
    priority: int
    """Lower is earlier."""
    choose: str | None
    """Where the function that chooses its index is imported from."""


@frozen(kw_only=True)
class Path:
    """What is known of a node and of those above it, up to the root."""

    keys: Mapping[int, str]
    """By number, the root first; empty for a node that is not in the newest graph."""
    records: Sequence[Record]
    choose: str | None
    priority: int
    after: str | None
    """Where the function is imported from that is called once a node has finished."""


@frozen(kw_only=True)
class RunKept:
    """How far a run is."""

    records: int
    paused: str | None
    """An error as JSON."""
    after: str | None
    """Where the function is imported from that is called once a node has finished."""


class Store(SlotStore):
    """The database of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        """Connect when first asked; a connection that broke is made anew."""
        url = engine_url(cluster)
        self._engine = create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=CONNECTIONS,
            pool_pre_ping=True,
            connect_args={"connect_timeout": PATIENCE, "application_name": "journey"},
        )
        self.queues = Queues(self._engine, url)

    def close(self) -> None:
        """Close the connections."""
        self.queues.close()
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """Give a connection inside a transaction that is committed at the end of the block."""
        with self._engine.begin() as connection:
            yield connection

    def check(self) -> str | None:
        """Say in one line what is wrong with the database; None if nothing is."""
        with self.transaction() as connection:
            return schema.wrong_with(connection) or self.queues.wrong_with(connection)

    def prepare(self) -> None:
        """Make the tables that are not there."""
        self.queues.prepare()
        with self.transaction() as connection:
            schema.prepare(connection)

    # -----------------------------------------------------------------------------------------------------------------
    # Runs

    def records(self, run: str, *, after: int = 0) -> list[tuple[int, str]]:
        """Give the records of a run behind the one of that number, with their numbers."""
        query = "SELECT n, record FROM journey.records WHERE run = :run AND n > :after ORDER BY n"
        with self.transaction() as connection:
            rows = connection.execute(text(query), {"run": run, "after": after})
            return [(row.n, row.record) for row in rows]

    def run(self, run: str) -> RunKept | None:
        """Tell how far a run is; None if there is none of that name."""
        query = "SELECT records, paused, after FROM journey.runs WHERE run = :run"
        with self.transaction() as connection:
            row = connection.execute(text(query), {"run": run}).mappings().one_or_none()
            return None if row is None else RunKept(**row)

    def runs(self) -> list[str]:
        """Give the names of the runs."""
        with self.transaction() as connection:
            return list(connection.execute(text("SELECT run FROM journey.runs ORDER BY run")).scalars())

    def begin(
        self,
        run: str,
        records: Sequence[Record],
        nodes: Iterable[NodeKept],
        jobs: Sequence[Job],
        *,
        in_flight: int | None,
        after: str | None,
        anew: bool,
    ) -> int:
        """Begin a run or go on with it: keep its records and its graph, and have the jobs done.

        Gives how many records it has then. One that is not begun *anew* keeps what it was told and is not told now.
        Whoever calls has the name of the run: it is not begun twice at once.
        """
        todo = again(jobs, self.queues.newest(run))
        make = """
            INSERT INTO journey.runs (run, in_flight, after) VALUES (:run, :in_flight, :after)
            ON CONFLICT (run) DO UPDATE SET paused = NULL,
                in_flight = CASE WHEN :anew THEN :in_flight ELSE coalesce(:in_flight, runs.in_flight) END,
                after = CASE WHEN :anew THEN :after ELSE coalesce(:after, runs.after) END
        """
        draw = """
            INSERT INTO journey.nodes (run, number, parent, key, priority, choose)
            VALUES (:run, :number, :parent, :key, :priority, :choose)
        """
        with self.transaction() as connection:
            values = {"run": run, "in_flight": in_flight, "after": after, "anew": anew}
            connection.execute(text(make), values)
            count = record_rows.append(connection, run, records)
            connection.execute(text("DELETE FROM journey.nodes WHERE run = :run"), {"run": run})
            drawn = [{"run": run, **asdict(node)} for node in nodes]
            if drawn:
                connection.execute(text(draw), drawn)
            self.queues.put(connection, todo)
            return count

    def choosers(self, run: str) -> dict[int, str]:
        """Give where the functions are imported from that choose the indexes of nodes."""
        query = "SELECT number, choose FROM journey.nodes WHERE run = :run AND choose IS NOT NULL"
        with self.transaction() as connection:
            return {row.number: row.choose for row in connection.execute(text(query), {"run": run})}

    def settle(self, run: str, record: Settled) -> None:
        """Keep what was decided about a node, and have it carried."""
        turn, _ = self.queues.newest(run, record.number).get(("carry", record.number), (-1, ""))
        job = Job("carry", run, record.number, turn=turn + 1)
        self.append(run, record.number, [record], jobs=[] if record.how == "abandoned" else [job])

    def pause(self, run: str, error: Mapping[str, object]) -> None:
        """Let no node of a run be sent until it is begun again, because of an error."""
        why = json.dumps(dict(error))
        with self.transaction() as connection:
            connection.execute(
                text("UPDATE journey.runs SET paused = coalesce(paused, :why) WHERE run = :run"),
                {"run": run, "why": why},
            )

    def put_back(self, run: str) -> None:
        """Let the jobs of a run be done that were put aside."""
        self.queues.put_back(self.queues.aside(run))

    def afterwards(self, run: str) -> tuple[int, int]:
        """Tell how many of the functions after the ends of nodes are still to be called, and how many raised."""
        return self.queues.afterwards(run)

    def put_aside(self, run: str, job: str) -> None:
        """Keep a job of a paused run, by its id, for the time when the run is begun again."""
        self.queues.put_aside([job])
        about = self.run(run)
        if about is not None and about.paused is None:
            # It was begun again meanwhile, and may have looked for jobs just before this one was put aside.
            self.queues.put_back([job])

    # -----------------------------------------------------------------------------------------------------------------
    # Nodes

    def path(self, run: str, number: int) -> Path:
        """Give what is known of a node and of those above it."""
        values = {"run": run, "number": number}
        with self.transaction() as connection:
            keys = connection.execute(text(_KEYS), values).all()
            kept = connection.execute(text(_RECORDS), values).scalars()
            records = [decode(record) for record in kept]
            about = connection.execute(
                text(
                    "SELECT after, choose, coalesce(priority, 1) AS priority FROM journey.runs LEFT JOIN journey.nodes"
                    " ON nodes.run = runs.run AND number = :number WHERE runs.run = :run"
                ),
                values,
            ).one()
        return Path(
            keys={row.number: row.key for row in reversed(keys)},
            records=records,
            choose=about.choose,
            priority=about.priority,
            after=about.after,
        )

    def below(self, run: str, number: int) -> list[NodeKept]:
        """Give the nodes right below one."""
        query = (
            "SELECT number, parent, key, priority, choose FROM journey.nodes"
            " WHERE run = :run AND parent = :number ORDER BY number"
        )
        with self.transaction() as connection:
            rows = connection.execute(text(query), {"run": run, "number": number}).mappings()
            return [NodeKept(**row) for row in rows]

    def append(
        self,
        run: str,
        number: int,
        records: Sequence[Record],
        *,
        frees: bool = False,
        jobs: Sequence[Job] = (),
        holds: tuple[str, str] | None = None,
    ) -> Sequence[Record]:
        """Keep what happened to a node, as far as it still can have happened; gives what was kept.

        With that its slot is free again if it *frees*, or *holds* is the worker and the task that hold it from now on.
        """
        holder = slot_rows.holder(run, number)
        with self.transaction() as connection:
            record_rows.lock(connection, run)
            kept = fitting(record_rows.of_node(connection, run, number), records)
            if kept:
                record_rows.append(connection, run, kept, number=number)
                if frees:
                    slot_rows.free(connection, holder)
                if holds is not None:
                    slot_rows.give(connection, holder, *holds, run=run)
                self.queues.put(connection, jobs)
        return kept

    def follow(self, run: str, number: int, owner: str, task_id: str) -> None:
        """Let the slot of a node be held by a task that an earlier life of a worker knew, or that turned up."""
        with self.transaction() as connection:
            slot_rows.give(connection, slot_rows.holder(run, number), owner, task_id, run=run)

    def intend(self, run: str, record: Intended, owner: str) -> str | None:
        """Keep that the request of a node is about to leave, and take a slot for it; says why not, or None.

        From here on whoever carries the node again finds the mark, and does not send it again.
        """
        holder = slot_rows.holder(run, record.number)
        with self.transaction() as connection:
            belief, now = beliefs.locked(connection)
            record_rows.lock(connection, run)
            about = connection.execute(
                text("SELECT paused, in_flight FROM journey.runs WHERE run = :run"), {"run": run}
            ).one()
            if about.paused is not None:
                return "paused"
            kept = record_rows.of_node(connection, run, record.number)
            if encode(record) in map(encode, kept):
                return None  # the reply to an earlier attempt of this very transaction was lost
            if not fitting(kept, [record]):
                return "done"
            if not slot_rows.may_take(connection, belief.limit(now), holder=holder, run=run, in_flight=about.in_flight):
                return "full"
            slot_rows.take(connection, holder, owner, run=run)
            record_rows.append(connection, run, [record])
            return None

    # -----------------------------------------------------------------------------------------------------------------
    # Deliveries, and what others left

    def publish(self, payload: str, *, task_id: str, intent: str | None) -> tuple[str, int] | None:
        """Tell all who listen of a delivery; gives the run and the node whose intent it names, if it is one's.

        That is kept: whoever sent the request may be dead, and somebody else will ask what became of it.
        """
        keep = """
            INSERT INTO journey.deliveries (intent, task_id) VALUES (:intent, :task)
            ON CONFLICT (intent) DO UPDATE SET task_id = :task, at = clock_timestamp()
        """
        forget = "DELETE FROM journey.deliveries WHERE at < clock_timestamp() - interval '30 days'"
        with self.transaction() as connection:
            connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})
            node = None if intent is None else record_rows.intended(connection, intent)
            if node is not None:
                connection.execute(text(forget))
                connection.execute(text(keep), {"intent": intent, "task": task_id})
            return node

    def revealed(self, intent: str) -> str | None:
        """Give the task that a delivery told of for an intent."""
        query = "SELECT task_id FROM journey.deliveries WHERE intent = :intent"
        with self.transaction() as connection:
            return connection.execute(text(query), {"intent": intent}).scalar_one_or_none()

    def of_node(self, run: str, number: int) -> list[Record]:
        """Give the records of one node."""
        with self.transaction() as connection:
            return record_rows.of_node(connection, run, number)

    def tells_of(self, run: str, task_id: str) -> bool:
        """Tell whether a task is that of some node of a run already."""
        with self.transaction() as connection:
            return record_rows.tells_of(connection, run, task_id)

    def allow(self, slots: int | None) -> None:
        """Let so many nodes be carried at once, on all machines together."""
        self.queues.allow(slots)

    def take_over(self, names: Sequence[str]) -> int:
        """Let others go on with what workers of these names had begun; gives how many jobs that are."""
        return self.queues.take_over(names)
