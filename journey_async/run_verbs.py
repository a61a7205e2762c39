"""The client's verbs for graphs: run one, go on with a journal, settle what is in doubt.

What only runs need is loaded by the first verb that needs it: a third of what a client is, and who makes single calls
would wait for it at every start.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from anyio.abc import TaskStatus

    from journey_async.cluster.address import Cluster
    from journey_async.cluster.membership import Membership
    from journey_async.core.kinds import Result
    from journey_async.core.outcome import Outcome
    from journey_async.core.tasks import TaskState
    from journey_async.deciding import Decide
    from journey_async.graph import TaskGraph
    from journey_async.journal_file import FilePath
    from journey_async.runs import Run
    from journey_async.settling import Settlement
    from journey_async.workings import Workings


class RunVerbs:
    """What a client does with graphs."""

    def _open(self) -> Workings:
        raise NotImplementedError

    def _joined(self) -> Membership:
        raise NotImplementedError

    async def _look_up(self, task_id: str) -> TaskState[Result]:
        raise NotImplementedError

    async def run(
        self,
        graph: TaskGraph,
        /,
        *,
        journal: FilePath | Cluster | None = None,
        budget: float | None = None,
        in_flight: int | None = None,
        settle: Decide | None = None,
    ) -> Outcome:
        """Run *graph*: each node as soon as its parent has finished, as many at once as the plan allows.

        With a *journal* the run can be stopped at any moment, by a crash too, and goes on when it is run again: what
        was bought is not bought again. *budget* is in credits, for all runs of a journal together; *in_flight* replaces
        the plan's number of tasks at once. *settle* is asked what becomes of a node in doubt, else it stays so; what it
        raises, or gives wrong, ends the run as itself.

        A node that fails leaves out what is below it and nothing else; `Outcome.raise_for_failures` raises. Too few
        credits in the middle, or a key that is refused, let the tasks on their way end and then the run:
        `Outcome.paused` says why. What does not answer is waited for without end: deadlines are the caller's. Once a
        node is in doubt or the service cannot be reached, one node at a time tries, with growing waits.

        Raises before anything is sent: `UnaffordableError`, `InvalidRequestError` with all that is wrong about tasks
        that exist already, `JournalError`, `ApiError` or `NoReplyError`; in the middle: `JournalError`, whose notes
        name the tasks that were accepted and could not be recorded.
        """
        from journey_async import runs

        options = runs.RunOptions(journal=journal, budget=budget, in_flight=in_flight, settle=settle)
        return await runs.run(self._open(), graph, options)

    @asynccontextmanager
    async def running(
        self,
        graph: TaskGraph,
        /,
        *,
        journal: FilePath | Cluster | None = None,
        budget: float | None = None,
        in_flight: int | None = None,
        settle: Decide | None = None,
    ) -> AsyncGenerator[Run]:
        """Run *graph* like `run` while the block lasts; iterating what it gives tells what happens.

        Leaving the block stops submitting at once. Tasks on their way go on at the service; with a *journal* the next
        run follows them.
        """
        from journey_async import runs

        options = runs.RunOptions(journal=journal, budget=budget, in_flight=in_flight, settle=settle)
        async with runs.running(self._open(), graph, options) as run:
            yield run

    async def resume(
        self,
        journal: FilePath | Cluster,
        /,
        *,
        budget: float | None = None,
        in_flight: int | None = None,
        settle: Decide | None = None,
    ) -> Outcome:
        """Go on with the graph that a *journal* holds, like `run` with the graph itself.

        Raises `GraphFileError` that names the nodes which cannot be sent without the program that drew them: where a
        function is to choose the index, or a webhook secret is needed, which no journal holds.
        """
        from journey_async import runs

        options = runs.RunOptions(journal=journal, budget=budget, in_flight=in_flight, settle=settle)
        return await runs.run(self._open(), None, options)

    @asynccontextmanager
    async def resuming(
        self,
        journal: FilePath | Cluster,
        /,
        *,
        budget: float | None = None,
        in_flight: int | None = None,
        settle: Decide | None = None,
    ) -> AsyncGenerator[Run]:
        """Go on with the graph that a *journal* holds while the block lasts, like `running`."""
        from journey_async import runs

        options = runs.RunOptions(journal=journal, budget=budget, in_flight=in_flight, settle=settle)
        async with runs.running(self._open(), None, options) as run:
            yield run

    async def settle(self, journal: FilePath | Cluster, node: str, settlement: Settlement, /) -> None:
        """Decide what becomes of a *node* in doubt, by its key; the next run of the *journal* acts on it.

        A task to adopt is looked up, free of charge. Raises `InvalidRequestError` if the node is not in doubt, or the
        task is not what the node is to be; `TaskNotFoundError` and `JournalError`.
        """
        from journey_async import runs

        await runs.settle(journal, node, settlement, find=self._look_up)

    async def work(
        self,
        *,
        name: str,
        adopt: Sequence[str] = (),
        code: Sequence[str] = (),
        download: FilePath | None = None,
        task_status: TaskStatus[None] | None = None,
    ) -> Never:
        """Carry the nodes of all runs of the client's cluster until cancelled; what was begun is then left to others.

        *name* is this worker's own in the cluster. What a worker of that name had begun when it died is gone on with at
        once, and so is what those had begun whom it is to *adopt*. *code* names the modules whose functions it calls
        for runs; of finished nodes it saves the files in *download*, in a folder per run. `await group.start(...)` goes
        on once it carries nodes.

        Raises `ConfigurationError`, `JournalBusyError` if a worker of one of the names is running, `JournalError`, and
        `ApiError` or `NoReplyError` if the service does not answer at the beginning.
        """
        from journey_async.cluster.code import Code
        from journey_async.cluster.working import check_name, work

        membership = self._joined()
        check_name("name", name)
        for each in adopt:
            check_name("adopt", each)
        await work(
            self._open(),
            membership,
            Code(code, folder=None if download is None else Path(download)),
            name=name,
            adopt=adopt,
            task_status=task_status,
        )
        message = "a worker ends by being cancelled"
        raise AssertionError(message)
