"""A worker: carries the nodes of all runs of a cluster, as far as the account's slots allow."""

from __future__ import annotations

import logging
import time
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

import anyio
from attrs import frozen

from journey_async.cluster.appending import doubts
from journey_async.cluster.queues import Job
from journey_async.cluster.revealing import adoption
from journey_async.cluster.store import Store
from journey_async.core.events import Differences, NodeFinished, NodeInDoubt, NodeSubmitted, NodeWaiting
from journey_async.core.history import fold
from journey_async.core.matching import graph_in
from journey_async.core.records import Intended, RunBegan, Settled, error_as_values
from journey_async.core.retrying import may_repeat
from journey_async.core.run_state import RunState
from journey_async.core.tasks import SUBMITTED, Failed, Finished, Unfinished
from journey_async.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    JourneyError,
    RateLimitError,
    SubmissionInDoubtError,
    TaskNotFoundError,
    UnreadableReplyError,
)
from journey_async.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journey_async.cluster.account_slots import AccountSlots
    from journey_async.cluster.code import Code
    from journey_async.cluster.database import Database
    from journey_async.cluster.store import Path
    from journey_async.core.records import Record
    from journey_async.submitting import Order
    from journey_async.workings import Workings

_log = logging.getLogger("journey_async")
_PAUSING: Final = (AuthenticationError, InsufficientCreditsError)
"""What no node is to blame for, and waiting alone does not mend."""
FULL: Final = 0.25
"""Seconds after which a node asks again for a slot that a single call has, or waits for."""


class Step(Enum):
    """What becomes of the job that carries a node."""

    AGAIN = "it is looked at again"
    OVER = "it is done"
    ASIDE = "its run is paused"


@frozen(kw_only=True)
class Node:
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


class Worker:
    """Does the jobs of a cluster. Each may be begun again by another worker, wherever this one dies."""

    def __init__(
        self,
        workings: Workings,
        slots: AccountSlots,
        database: Database,
        code: Code,
        *,
        name: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._workings = workings
        self._slots = slots
        self._database = database
        self._code = code
        self._name = name
        self._clock = clock
        self._failures = 0
        """Times in a row that the service could not be reached, or left a node in doubt."""
        self._trying = anyio.Lock()

    # -----------------------------------------------------------------------------------------------------------------
    # Sending a node, and following its task

    async def carry(self, run: str, number: int) -> bool:
        """Bring a node to its end, from wherever an earlier life left it; False if it is put aside."""
        step = Step.AGAIN
        while step is Step.AGAIN:
            node = await self._node(run, number)
            step = Step.OVER if node is None else await self._step(node)
        if step is Step.ASIDE:
            await self._database.call(Store.put_aside, Job("carry", run, number))
        return step is Step.OVER

    async def _step(self, node: Node) -> Step:
        match node.state.row(node.place):
            case NodeWaiting():
                return await self._send(node)
            case NodeSubmitted(task_id=task_id):
                await self._database.call(Store.follow, node.run, node.number, self._name, task_id)
                return await self._follow(node, task_id)
            case NodeInDoubt():
                return await self._doubt(node)
            case _:
                return Step.OVER

    async def _node(self, run: str, number: int) -> Node | None:
        path = await self._database.call(Store.path, run, number)
        if not path.keys:
            return None  # the run was begun anew without it
        history = fold(path.records)
        keys = {str(number): key for number, key in path.keys.items()}
        history.take(RunBegan(at=0.0, version="", slots=None, balance=0.0, keys=keys))
        nodes = tuple(graph_in(history, file=run, to_send=False))
        state = RunState(nodes, tuple(path.keys), history, Differences())
        state.news()
        return Node(run=run, number=number, path=path, state=state)

    async def _send(self, node: Node) -> Step:
        """Send a node and follow its task, unless there is no slot for it yet."""
        if not self._failures:
            return await self._send_now(node)
        # While the service is in trouble one node at a time tries: each may be left in doubt.
        async with self._trying:
            if self._failures:
                await anyio.sleep(self._workings.sender.wait_after(self._failures))
            return await self._send_now(node)

    async def _send_now(self, node: Node) -> Step:
        parent = node.state.parent_result(node.place)
        order = self._workings.submitter.order(
            node.state.action(node.place), None if parent is None else parent.task_id
        )
        await self._workings.sender.wait_to_pay()
        node.state.intend(node.place, order.intent.id, parent=order.parent_id, now=self._clock())
        mark = next(record for record in node.news() if isinstance(record, Intended))
        match await self._database.call(Store.intend, node.run, mark, self._name):
            case None:
                return await self._submit(node, order)
            case "paused":
                return Step.ASIDE
            case "full":
                await anyio.sleep(FULL)
            case _:
                pass  # somebody else wrote about it
        return Step.AGAIN

    async def _submit(self, node: Node, order: Order) -> Step:
        left: list[Watch | JourneyError] = []
        doubted = False

        def unclaimed(outcome: Watch | JourneyError) -> None:
            left.append(outcome)
            if doubted and isinstance(outcome, Watch):
                # A webhook told it late.
                self._slots.errand(Store.settle, node.run, self._adopted(node, outcome))

        try:
            slot = self._slots.carried()
            watch = await self._workings.submitter.submit_once(order, slot, unclaimed=unclaimed)
        except JourneyError as error:
            await self._not_accepted(node, order, error)
            doubted = isinstance(error, SubmissionInDoubtError)
            return Step.AGAIN
        except anyio.get_cancelled_exc_class():
            # What came of it must be recorded, whoever goes on with the node.
            with anyio.CancelScope(shield=True):
                await self._left_behind(node, order, left)
            raise
        await self._accepted(node, order, watch)
        return await self._follow(node, watch.task_id)

    async def _accepted(self, node: Node, order: Order, watch: Watch) -> None:
        self._failures = 0
        node.state.accepted(node.place, order.intent.id, watch.task_id, now=self._clock())
        await self._record(node, node.news(), holds=watch.task_id)
        await self._database.call(Store.accepted)

    def _adopted(self, node: Node, watch: Watch) -> Settled:
        return Settled(at=self._clock(), number=node.number, how="adopted", task_id=watch.task_id)

    async def _not_accepted(self, node: Node, order: Order, error: JourneyError) -> None:
        # A 429 is the business of the slots, which learn from it.
        if isinstance(error, SubmissionInDoubtError) or (may_repeat(error) and not isinstance(error, RateLimitError)):
            self._failures += 1
        if isinstance(error, SubmissionInDoubtError):
            node.state.doubted(node.place, error)
        elif isinstance(error, _PAUSING) or may_repeat(error):
            node.state.returned(node.place, order.intent.id, str(error))
        else:
            node.state.refused(node.place, order.intent.id, error, now=self._clock())
        await self._record(node, node.news(), frees=not isinstance(error, RateLimitError))
        if isinstance(error, RateLimitError):
            # Behind what the slots tell of the 429 themselves, which counts this one too.
            self._slots.free(node.holder)
        if isinstance(error, _PAUSING):
            await self._database.call(Store.pause, node.run, error_as_values(error))

    async def _left_behind(self, node: Node, order: Order, left: Sequence[Watch | JourneyError]) -> None:
        match left:
            case [Watch() as watch]:
                await self._accepted(node, order, watch)
            case [SubmissionInDoubtError() as doubt]:
                node.state.doubted(node.place, doubt)
                await self._record(node, node.news(), frees=True)
            case _:
                node.state.returned(node.place, order.intent.id, "cancelled before it left, or refused")
                await self._record(node, node.news(), frees=True)

    async def _follow(self, node: Node, task_id: str) -> Step:
        """Follow a task to its end; what comes next is put into the queues together with the end."""
        drawn = node.state.nodes[node.place]
        known = Unfinished(task_id=task_id, status=SUBMITTED, kind=drawn.kind)
        watch = self._workings.watcher.watch(known, action="" if drawn.make is None else drawn.name)
        try:
            await self._workings.watcher.end(watch)
        except JourneyError as error:
            return await self._not_followed(node, error)
        state = watch.state
        assert isinstance(state, Finished | Failed)  # noqa: S101 - it has ended
        node.state.ended(node.place, state, now=self._clock())
        jobs = await self._next_jobs(node) if isinstance(state, Finished) else []
        await self._record(node, node.news(), frees=True, jobs=jobs)
        return Step.OVER

    async def _not_followed(self, node: Node, error: JourneyError) -> Step:
        unreadable = isinstance(error, UnreadableReplyError) and error.task_id is not None
        if unreadable or isinstance(error, TaskNotFoundError):
            node.state.lost(node.place, error, now=self._clock())
            await self._record(node, node.news(), frees=True)
            return Step.OVER
        await self._database.call(Store.pause, node.run, error_as_values(error))
        return Step.ASIDE

    async def _doubt(self, node: Node) -> Step:
        """Report a request in doubt that an earlier life marked; a webhook may still tell which task it is."""
        life = node.state.history.lives[node.number]
        doubt = doubts(life)
        if doubt is None:
            return Step.OVER
        adopted = await self._revealed(node, doubt.intent)
        if adopted is None:
            await self._record(node, [doubt], frees=True)
            # A delivery that came between the two is not lost.
            adopted = await self._revealed(node, doubt.intent, within=0.0)
        if adopted is None:
            return Step.OVER
        await self._record(node, [adopted], holds=adopted.task_id)
        return Step.AGAIN

    async def _revealed(self, node: Node, intent: str, *, within: float | None = None) -> Settled | None:
        """Give the record of the task that a webhook tells of, here or at another replica."""
        ask, submitter = self._workings.sender.ask, self._workings.submitter
        task_id = await self._database.call(Store.revealed, intent)
        if task_id is None and submitter.listening:
            told = await submitter.revealed(intent, node.state.nodes[node.place].kind, within=within)
            task_id = None if told is None else told.task_id
        return None if task_id is None else await adoption(ask, self._database, node.run, node.number, task_id)

    # -----------------------------------------------------------------------------------------------------------------
    # The user's own functions

    async def choose(self, run: str, number: int) -> bool:
        """Have the index of a node chosen, and the node carried; what is chosen is never asked for again."""
        node = await self._node(run, number)
        if node is None or node.path.choose is None or not node.state.take_choices():
            return True
        try:
            chosen = await self._code.choose(node.path.choose, node.state.parent_result(node.place))
        except Exception as error:  # noqa: BLE001 - whatever it is
            # It is the user's function: one bad choice must not end the batch.
            _log.exception("the choice of node %s raised", node.holder)
            node.state.not_chosen(node.place, error, now=self._clock())
        else:
            node.state.chosen(node.place, cast("int | str | None", chosen), now=self._clock())
        carry = [Job("carry", run, number, node.path.priority)] if node.state.ready else []
        await self._record(node, node.news(), jobs=carry)
        return True

    async def after(self, run: str, number: int) -> bool:
        """Save the files of a finished node, and call the function that the run names."""
        node = await self._node(run, number)
        row = None if node is None else node.state.row(node.place)
        if node is not None and isinstance(row, NodeFinished):
            await self._code.after(node.path.after, row, run=run)
        return True

    # -----------------------------------------------------------------------------------------------------------------

    async def _next_jobs(self, node: Node) -> list[Job]:
        """Give what is to be done once a node has finished."""
        below = await self._database.call(Store.below, node.run, node.number)
        jobs = [
            Job("carry" if child.choose is None else "choose", node.run, child.number, child.priority)
            for child in below
        ]
        if node.path.after is not None or self._code.saves:
            jobs.append(Job("after", node.run, node.number))
        return jobs

    async def _record(
        self,
        node: Node,
        records: Sequence[Record],
        *,
        frees: bool = False,
        holds: str | None = None,
        jobs: Sequence[Job] = (),
    ) -> None:
        held = None if holds is None else (self._name, holds)
        await self._database.call(Store.append, node.run, node.number, records, frees=frees, jobs=jobs, holds=held)
