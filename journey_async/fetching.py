"""Asking how tasks are doing: one request for up to twenty of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from journey_async.core import wire
from journey_async.core.glimpse import glimpse_of
from journey_async.core.kinds import Result
from journey_async.core.reading import read_task, read_tasks, read_told, says_unknown_task, told_tasks
from journey_async.errors import ApiError, BadRequestError, TaskNotFoundError, UnreadableReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journey_async.core.glimpse import Glimpse
    from journey_async.core.kinds import Kind
    from journey_async.core.tasks import TaskState
    from journey_async.core.wire import Reply, Request

T = TypeVar("T")


class Ask(Protocol):
    """Sends a free request, patiently or once: `Sender.ask` or `Sender.ask_once`."""

    async def __call__(self, request: Request, read: Callable[[Request, Reply], T]) -> T:
        """Give what *read* makes of the reply."""
        ...


async def fetched(
    ask: Ask, task_ids: Sequence[str], known: Mapping[str, Kind]
) -> Mapping[str, TaskState[Result] | ApiError]:
    """Ask how 1 to 20 tasks are doing; *known* are their kinds, as far as known.

    Those that the service does not know are left out; what cannot be read is an error in the place of its task.
    """
    if len(task_ids) > 1:
        return await ask(wire.fetch_many(task_ids), partial(read_tasks, known=known))
    (task_id,) = task_ids
    state = await _fetched_alone(ask, task_id, known.get(task_id, Result))
    return {} if state is None else {task_id: state}


async def glimpsed(ask: Ask, known: Mapping[str, Kind]) -> Sequence[TaskState[Result] | Glimpse | ApiError | None]:
    """Ask as `fetched` does, and give what was told of each in their order; None where the service does not know it.

    Of what is usually told of unfinished tasks no states are made.
    """

    def read_many(request: Request, reply: Reply) -> Sequence[TaskState[Result] | Glimpse | ApiError | None]:
        told = told_tasks(request, reply)
        answers: list[TaskState[Result] | Glimpse | ApiError | None] = []
        for task_id, kind in known.items():
            item = told.get(task_id)
            answers.append(
                None
                if item is None
                else glimpse_of(item, task_id, kind) or read_told(request, reply, item, task_id, kind)
            )
        return answers

    if len(known) > 1:
        return await ask(wire.fetch_many(tuple(known)), read_many)
    ((task_id, kind),) = known.items()
    return [await _fetched_alone(ask, task_id, kind)]


async def _fetched_alone(ask: Ask, task_id: str, kind: Kind) -> TaskState[Result] | ApiError | None:
    def read_one(request: Request, reply: Reply) -> TaskState[Result]:
        return read_task(request, reply, kind=kind)

    try:
        return await ask(wire.fetch(task_id), read_one)
    except BadRequestError as error:
        if says_unknown_task(error):
            return None
        raise
    except UnreadableReplyError as error:
        # The reply is about the task, and its result cannot be read: asking again would bring the same.
        if error.task_id is not None:
            return error
        raise


async def found(ask: Ask, task_id: str, kind: Kind = Result) -> TaskState[Result]:
    """Ask how one task is doing, which is of *kind* as far as known. Raises `TaskNotFoundError`."""
    answer = (await fetched(ask, (task_id,), {task_id: kind})).get(task_id)
    if answer is None:
        message = f"task {task_id} is not known to the service: it does not exist or belongs to another account"
        raise TaskNotFoundError(message, task_id=task_id)
    if isinstance(answer, ApiError):
        raise answer
    return answer
