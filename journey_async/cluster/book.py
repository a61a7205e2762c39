"""A node that a worker carries, with those above it, as a run of its own; and how what happens to it is recorded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import anyio
from attrs import frozen

from journey_async.cluster.store import Store
from journey_async.core.events import Differences
from journey_async.core.history import fold
from journey_async.core.matching import graph_in
from journey_async.core.records import RunBegan
from journey_async.core.run_state import RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.cluster.database import Database
    from journey_async.cluster.queues import Job
    from journey_async.cluster.store import Path
    from journey_async.core.events import Row
    from journey_async.core.records import Record

LEAVING: Final = 8.0
"""Seconds for which a worker that stops waits at the most until what came of a paid request is recorded."""

_log = logging.getLogger("journey_async")


@frozen(kw_only=True)
class CarriedNode:
    """A node with those above it, as a run of its own."""

    run: str
    number: int
    path: Path
    state: RunState

    @property
    def place(self) -> int:
        """Where it stands in that run: below all others."""
        return len(self.state.nodes) - 1

    @property
    def holder(self) -> str:
        """Under which name it holds a slot."""
        return f"{self.run}:{self.number}"

    def news(self) -> Sequence[Record]:
        """Give what is to be recorded."""
        return self.state.news().records

    @property
    def row(self) -> Row:
        """What became of it so far."""
        return self.state.row(self.place)


class Book:
    """Reads and records, for one worker."""

    def __init__(self, database: Database, *, name: str) -> None:
        """Record in that database, under the name of the worker."""
        self._database = database
        self.name = name

    async def node(self, run: str, number: int) -> CarriedNode | None:
        """Read how far a node is; None for one that is not in the newest graph of its run."""
        path = await self._database.call(Store.path, run, number)
        if not path.keys:
            return None  # the run was begun anew without it
        history = fold(path.records)
        keys = {str(number): key for number, key in path.keys.items()}
        history.take(RunBegan(at=0.0, version="", slots=None, balance=0.0, keys=keys))
        nodes = tuple(graph_in(history, file=run, to_send=False))
        state = RunState(nodes, tuple(path.keys), history, Differences())
        state.news()
        return CarriedNode(run=run, number=number, path=path, state=state)

    async def record_leaving(
        self, node: CarriedNode, records: Sequence[Record], *, frees: bool = False, holds: str | None = None
    ) -> None:
        """Record what came of a request although this worker stops: it was paid, whoever goes on with the node."""
        with anyio.move_on_after(LEAVING, shield=True) as scope:
            await self.record(node, records, frees=frees, holds=holds)
        if scope.cancelled_caught and holds is not None:
            _log.error(
                "node %s of run %s was accepted, which the cluster does not know: settle it with --adopt %s",
                node.path.keys[node.number],
                node.run,
                holds,
            )

    async def record(
        self,
        node: CarriedNode,
        records: Sequence[Record],
        *,
        frees: bool = False,
        holds: str | None = None,
        jobs: Sequence[Job] = (),
    ) -> None:
        """Record what happened, as far as it still can have; with that the slot is free, or held by a task."""
        held = None if holds is None else (self.name, holds)
        await self._database.call(Store.append, node.run, node.number, records, frees=frees, jobs=jobs, holds=held)
