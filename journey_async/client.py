"""The client of the service: all its verbs, on one connection pool, one retry policy and one watcher."""

from __future__ import annotations

import logging
import os
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, cast, overload

from anyio import AsyncContextManagerMixin

from journey_async.configuration import Configuration
from journey_async.core import checks, wire
from journey_async.core.actions import ACTIONS
from journey_async.core.kinds import Result
from journey_async.core.legality import checked
from journey_async.core.pacing import Pace
from journey_async.core.reading import read_account
from journey_async.core.retrying import RetryPolicy
from journey_async.core.rules import Rule, refusal, rule_for
from journey_async.core.tasks import SUBMITTED, Account, R, TaskState, Unfinished
from journey_async.errors import (
    ApiError,
    ClientNotOpenError,
    ConfigurationError,
    Fault,
    InvalidRequestError,
    JourneyError,
    SubmissionInDoubtError,
)
from journey_async.fetching import fetched, found
from journey_async.file_verbs import FileVerbs
from journey_async.run_verbs import RunVerbs
from journey_async.task import Task
from journey_async.transport import AiohttpTransport, Transport
from journey_async.verbs import Parent, Verbs, picture
from journey_async.workings import Workings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence

    from journey_async.cluster.address import Cluster
    from journey_async.cluster.membership import Membership
    from journey_async.core.actions import Action
    from journey_async.slots import Slots
    from journey_async.statistics import Statistics
    from journey_async.submitting import Order
    from journey_async.transport import Connector, TraceConfig
    from journey_async.watch import Watch
    from journey_async.watcher import Watcher
    from journey_async.webhooks import WebhookReceiver

ORPHANS_KEPT: Final = 1000

_log = logging.getLogger("journey_async")


class JourneyClient(Verbs, RunVerbs, FileVerbs, AsyncContextManagerMixin):
    """The service as an async context manager; everything is called inside its block.

    *api_key* and *base_url* default to the environment variables JOURNEY_API_KEY and JOURNEY_BASE_URL, *proxy* to the
    usual proxy variables; an empty *proxy* goes past them. Deadlines are the caller's: `anyio.fail_after(...)` or
    `asyncio.timeout(...)` around a call. Nothing outlives the call that started it, so an exception raised inside the
    block comes out as itself.

    Raises `ConfigurationError` if it cannot work with its arguments.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        retry: RetryPolicy | None = None,
        pace: Pace | None = None,
        connections: int = 64,
        proxy: str | None = None,
        transport: Transport | None = None,
        webhooks: WebhookReceiver | None = None,
        trace_configs: Sequence[TraceConfig] = (),
        connector: Connector | None = None,
        cluster: Cluster | None = None,
    ) -> None:
        """Set the client up; nothing is opened before its block is entered.

        *connections* is how many are open at once at the most. With *webhooks* every submission asks for a delivery to
        that receiver, unless it names a `webhook_url` of its own. With a *cluster* the account's slots are shared with
        all other clients and workers of it, and a delivery reaches whichever of them waits for its task.

        *trace_configs* and *connector* are aiohttp's: what watches its requests, such as OpenTelemetry's
        `create_trace_config()`, and a pool of one's own, shared by several clients and closed by who made it. A
        *transport* of one's own carries the requests instead of aiohttp; key, base URL, connections, proxy and those
        two are its business then, and it is not opened or closed here.
        """
        # First, so that the client can be shown where its arguments are refused: crash reporters do.
        self._workings: Workings | None = None
        self._membership: Membership | None = None
        self._webhooks = webhooks
        self._cluster = cluster
        self._proxy = proxy
        self._retry = retry or RetryPolicy()
        self._pace = pace or Pace()
        self._transport: Transport | AiohttpTransport = transport or AiohttpTransport(
            Configuration.from_environment(
                api_key=api_key,
                base_url=base_url,
                connections=connections,
                proxy=proxy,
                trace_configs=trace_configs,
                connector=connector,
            )
        )
        self._orphans: deque[Task[Any] | SubmissionInDoubtError] = deque(maxlen=ORPHANS_KEPT)

    @asynccontextmanager
    async def __asynccontextmanager__(self) -> AsyncGenerator[Self]:
        async with AsyncExitStack() as stack:
            transport = self._transport
            if isinstance(transport, AiohttpTransport):
                transport = await stack.enter_async_context(transport)
            if self._cluster is None:
                stack.enter_context(self._work_on(transport))
            else:
                from journey_async.cluster.membership import joined  # noqa: PLC0415 - what it needs is an extra

                self._membership = await stack.enter_async_context(joined(self._cluster))
                workings = stack.enter_context(self._work_on(transport, slots_of=self._membership.slots))
                await stack.enter_async_context(self._membership.working(workings, self._webhooks))
            yield self

    def _put_together(self, transport: Transport, slots_of: Callable[[Watcher, RetryPolicy], Slots] | None) -> Workings:
        return Workings.on(transport, retry=self._retry, pace=self._pace, webhooks=self._webhooks, slots_of=slots_of)

    @contextmanager
    def _work_on(
        self, transport: Transport, *, slots_of: Callable[[Watcher, RetryPolicy], Slots] | None = None
    ) -> Generator[Workings]:
        workings = self._workings = self._put_together(transport, slots_of)
        self._claimed = partial(_bought, workings.watcher)
        if self._webhooks is not None:
            self._webhooks.attach(workings.submitter)
        try:
            yield workings
        finally:
            self._workings = None
            if self._webhooks is not None:
                self._webhooks.detach(workings.submitter)
            workings.watcher.close()

    @property
    def orphans(self) -> tuple[Task[Any] | SubmissionInDoubtError, ...]:
        """What became of paid requests whose callers could not be told, the newest last; 1000 are kept.

        Of a caller that was cancelled: a `Task` where the service accepted, a `SubmissionInDoubtError` where that
        cannot be known. And the `Task` of a doubt that a webhook revealed only after its caller had gone.
        """
        return tuple(self._orphans)

    @property
    def statistics(self) -> Statistics:
        """What was done since the client was opened: requests, tasks, credits, slots."""
        return self._open().statistics

    def task(self, task_id: str, /) -> Task[Any]:
        """Give the task of an id that was kept, without asking the service; awaiting it does."""
        _check_id("task", task_id)
        return _task(self._open().watcher, Unfinished(task_id=task_id, status=SUBMITTED))

    @overload
    async def fetch(self, task: Task[R], /) -> Task[R]: ...
    @overload
    async def fetch(self, task: str, /) -> Task[Any]: ...
    async def fetch(self, task: Task[Any] | str, /) -> Task[Any]:
        """Ask once how one task is doing, free of charge; the task's `state` is the answer.

        Raises `TaskNotFoundError`, and `ApiError` or `NoReplyError` once patience is over.
        https://journeyapi.co/docs/fetch
        """
        if isinstance(task, Task):
            self._open().watcher.watch(await self._look_up(task.id))
            return task
        _check_id("fetch", task)
        return await self._found(task)

    async def fetch_many(self, tasks: Sequence[Task[Any] | str], /) -> tuple[Task[Any], ...]:
        """Ask once how 2 to 20 tasks are doing, free of charge; those that the service does not know are left out.

        Raises `InvalidRequestError`, and `ApiError` or `NoReplyError` once patience is over; a task whose part of the
        reply cannot be read raises `UnreadableReplyError`. https://journeyapi.co/docs/fetch-many
        """
        given = (tasks,) if isinstance(tasks, str) else tuple(tasks)
        by_id = {task.id if isinstance(task, Task) else task: task for task in given}
        task_ids = tuple(by_id)
        fault = checks.task_ids("task_ids", task_ids)
        if fault is not None:
            raise InvalidRequestError("fetch-many", [fault])
        workings = self._open()
        watcher = workings.watcher
        known = {task_id: watch.kind for task_id in task_ids if (watch := watcher.known(task_id))}
        answers = await fetched(workings.sender.ask, task_ids, known)
        tasks_found: list[Task[Any]] = []
        for task_id, task in by_id.items():
            answer = answers.get(task_id)
            if isinstance(answer, ApiError):
                raise answer
            if answer is not None:
                seen = _task(watcher, answer)
                tasks_found.append(task if isinstance(task, Task) else seen)
        return tuple(tasks_found)

    async def account(self) -> Account:
        """Ask for the credits left, the plan and its number of tasks at once, free of charge.

        Raises `ApiError` or `NoReplyError` once patience is over. https://journeyapi.co/docs/account
        """
        return await self._open().sender.ask(wire.ACCOUNT, read_account)

    async def act(self, token: str, /, *, secret: str | bytes | None = None, **fields: object) -> Task[Any]:
        """Do what the token of a button says; `Task.next_actions` gives the tokens, *secret* as it was there.

        *fields* are what the action still asks (`prompt`, `mask`) or may take, and the options of every verb. A task
        that this client does not know is looked up with one free `/fetch`, and an unfinished one waited for. As a
        button's fields may be a user's words, a mask is never read from a path given as text.

        Raises `InvalidRequestError` and `IllegalParentError` (nothing was sent), and what the verbs raise.
        """
        from journey_async.core.tokens import read_token  # noqa: PLC0415 - a client without buttons need not load it

        chosen = read_token(token, secret=secret)
        arguments = chosen.arguments_with(fields)
        mask = arguments.get("mask")
        if isinstance(mask, os.PathLike):
            arguments["mask"] = await picture(cast("os.PathLike[str]", mask))
        elif isinstance(mask, str) and checks.picture_in(checks.as_data_uri(mask)) is None:
            message = "mask must be bytes, a pathlib.Path or base64 text: no path is read that is given as text"
            raise InvalidRequestError(chosen.action, [Fault(argument="mask", value=mask, message=message)])
        watcher = self._open().watcher
        watch = watcher.known(chosen.task_id)
        known: Task[Any] | None = None if watch is None or watch.kind is Result else Task(watcher, watch)
        return await self._submit(ACTIONS[chosen.action], known or chosen.task_id, arguments, {})

    # No coroutine, so that who waits for the reply keeps nothing but the order: of many callers, all that they keep is
    # more than the caches of a processor hold.
    def _submit(
        self, make: type[Action], parent: Parent | None, arguments: Mapping[str, object], options: Mapping[str, object]
    ) -> Coroutine[Any, Any, Task[Any]]:
        workings = self._open()
        if options:
            arguments = _joined(arguments, options)
        if parent is None:
            return self._pay(workings, checked(make, arguments), None)
        if isinstance(parent, Task):
            action = checked(make, arguments, parent=parent.id, kind=parent.kind)
        else:
            action = checked(make, arguments, parent=parent)
        return self._follow_up(workings, action, parent)

    async def _follow_up(self, workings: Workings, action: Action, parent: Parent) -> Task[Any]:
        return await self._pay(workings, action, await self._ready(rule_for(action), parent))

    def _pay(self, workings: Workings, action: Action, parent_id: str | None) -> Coroutine[Any, Any, Task[Any]]:
        submitter = workings.submitter
        order = submitter.order(action, parent_id)
        return submitter.submit(order, overtaking=True, claimed=self._claimed, unclaimed=self._unclaimed)

    def _unclaimed(self, order: Order, outcome: Watch | JourneyError) -> None:
        if isinstance(outcome, SubmissionInDoubtError):
            self._keep_orphan(outcome)
        elif not isinstance(outcome, JourneyError):
            self._keep_orphan(self._claimed(order, outcome))

    async def _ready(self, rule: Rule, parent: Parent) -> str:
        """Give the id of *parent* once it is finished and known to be legal; an id is looked up first."""
        task = parent if isinstance(parent, Task) else await self._found(parent)
        if task.kind is not Result:
            _refuse_illegal(rule, task)
        # Awaiting raises what makes the parent useless: it failed, or the service does not know it.
        await task
        _refuse_illegal(rule, task)
        return task.id

    async def _found(self, task_id: str) -> Task[Any]:
        return _task(self._open().watcher, await self._look_up(task_id))

    async def _look_up(self, task_id: str) -> TaskState[Result]:
        workings = self._open()
        watch = workings.watcher.known(task_id)
        return await found(workings.sender.ask, task_id, Result if watch is None else watch.kind)

    def _keep_orphan(self, orphan: Task[Any] | SubmissionInDoubtError) -> None:
        self._orphans.append(orphan)
        # Not the doubt itself, whose words are the service's and may quote a prompt.
        shown = orphan if isinstance(orphan, Task) else orphan.intent
        _log.warning(
            "a paid request ended without a caller to tell, see JourneyClient.orphans: %s",
            shown,
            extra={"task_id": orphan.id if isinstance(orphan, Task) else None, "intent": getattr(shown, "id", None)},
        )

    def _joined(self) -> Membership:
        self._open()
        if self._membership is None:
            message = "a worker is part of a cluster: make its client with JourneyClient(cluster=Cluster(url))"
            raise ConfigurationError(message)
        return self._membership

    def _open(self) -> Workings:
        if self._workings is None:
            message = "the client is not open: use it inside `async with JourneyClient() as journey:`"
            raise ClientNotOpenError(message)
        return self._workings

    def __repr__(self) -> str:
        return f"<JourneyClient {'closed' if self._workings is None else 'open'}>"


def _joined(arguments: Mapping[str, object], options: Mapping[str, object]) -> Mapping[str, object]:
    twice = sorted(arguments.keys() & options.keys())
    if twice:
        raise TypeError(f"given twice, once by place and once by name: {', '.join(twice)}")
    return {**arguments, **options}


def _bought(watcher: Watcher, order: Order, watch: Watch) -> Task[Any]:
    return Task(watcher, watch, action=order.action, parent=order.parent_id)


def _task(watcher: Watcher, state: TaskState[Result]) -> Task[Any]:
    return Task(watcher, watcher.watch(state))


def _check_id(action: str, task_id: object) -> None:
    if not (isinstance(task_id, str) and task_id.strip()):
        fault = Fault(argument="task_id", value=task_id, message="task_id is required, as a text that is not blank")
        raise InvalidRequestError(action, [fault])


def _refuse_illegal(rule: Rule, parent: Task[Any]) -> None:
    illegal = refusal(rule, parent.id, parent.kind)
    if illegal is not None:
        raise illegal
