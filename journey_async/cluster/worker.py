"""A worker: carries the nodes of all runs of a cluster, as far as the account's slots allow."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, cast

from journey_async.cluster.appending import doubts
from journey_async.cluster.book import Book
from journey_async.cluster.queues import Job
from journey_async.cluster.revealing import adoption
from journey_async.cluster.sending import Sending, Step
from journey_async.cluster.store import Store
from journey_async.core.events import NodeFinished, NodeInDoubt, NodeSubmitted, NodeWaiting
from journey_async.core.records import Settled, error_as_values
from journey_async.core.tasks import SUBMITTED, Failed, Finished, Unfinished
from journey_async.errors import JourneyError, TaskNotFoundError, UnreadableReplyError
from journey_async.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.cluster.account_slots import AccountSlots
    from journey_async.cluster.book import CarriedNode
    from journey_async.cluster.code import Code
    from journey_async.cluster.database import Database
    from journey_async.workings import Workings

_log = logging.getLogger("journey_async")


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
        self._database = database
        self._code = code
        self._clock = clock
        self._book = Book(database, name=name)
        self._sending = Sending(workings, slots, database, self._book, clock=clock)

    # -----------------------------------------------------------------------------------------------------------------
    # Sending a node, and following its task

    async def carry(self, run: str, number: int) -> bool:
        """Bring a node to its end, from wherever an earlier life left it; False if it is put aside."""
        step = Step.AGAIN
        while step is Step.AGAIN:
            node = await self._book.node(run, number)
            step = Step.OVER if node is None else await self._step(node)
        return step is Step.OVER

    async def _step(self, node: CarriedNode) -> Step:
        match node.row:
            case NodeWaiting():
                sent = await self._sending.send(node)
                return await self._follow(node, sent.task_id) if isinstance(sent, Watch) else sent
            case NodeSubmitted(task_id=task_id):
                await self._database.call(Store.follow, node.run, node.number, self._book.name, task_id)
                return await self._follow(node, task_id)
            case NodeInDoubt():
                return await self._doubt(node)
            case _:
                return Step.OVER

    async def _follow(self, node: CarriedNode, task_id: str) -> Step:
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
        await self._book.record(node, node.news(), frees=True, jobs=jobs)
        return Step.OVER

    async def _not_followed(self, node: CarriedNode, error: JourneyError) -> Step:
        unreadable = isinstance(error, UnreadableReplyError) and error.task_id is not None
        if unreadable or isinstance(error, TaskNotFoundError):
            node.state.lost(node.place, error, now=self._clock())
            await self._book.record(node, node.news(), frees=True)
            return Step.OVER
        await self._database.call(Store.pause, node.run, error_as_values(error))
        return Step.ASIDE

    async def _doubt(self, node: CarriedNode) -> Step:
        """Report a request in doubt that an earlier life marked; a webhook may still tell which task it is."""
        life = node.state.history.lives[node.number]
        doubt = doubts(life)
        if doubt is None:
            return Step.OVER
        adopted = await self._revealed(node, doubt.intent)
        if adopted is None:
            await self._book.record(node, [doubt], frees=True)
            # A delivery that came between the two is not lost.
            adopted = await self._revealed(node, doubt.intent, within=0.0)
        if adopted is None:
            return Step.OVER
        await self._book.record(node, [adopted], holds=adopted.task_id)
        return Step.AGAIN

    async def _revealed(self, node: CarriedNode, intent: str, *, within: float | None = None) -> Settled | None:
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
        node = await self._book.node(run, number)
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
        await self._book.record(node, node.news(), jobs=carry)
        return True

    async def after(self, run: str, number: int) -> bool:
        """Save the files of a finished node, and call the function that the run names."""
        node = await self._book.node(run, number)
        row = None if node is None else node.row
        if node is not None and isinstance(row, NodeFinished):
            await self._code.after(node.path.after, row, run=run)
        return True

    # -----------------------------------------------------------------------------------------------------------------

    async def _next_jobs(self, node: CarriedNode) -> list[Job]:
        """Give what is to be done once a node has finished."""
        below = await self._database.call(Store.below, node.run, node.number)
        jobs = [
            Job("carry" if child.choose is None else "choose", node.run, child.number, child.priority)
            for child in below
        ]
        if node.path.after is not None or self._code.saves:
            jobs.append(Job("after", node.run, node.number))
        return jobs
