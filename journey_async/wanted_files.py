"""What a user who wants files gives, as what is to be fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import anyio

from journey_async.core.events import NodeFinished
from journey_async.core.file_names import name_template
from journey_async.core.kinds import Result, Text
from journey_async.core.outcome import Outcome
from journey_async.downloads import Wanted
from journey_async.errors import Fault, InvalidRequestError, JourneyError
from journey_async.task import Task

if TYPE_CHECKING:
    import os

    FilePath: TypeAlias = str | os.PathLike[str]

Downloadable: TypeAlias = "Task[Any] | Result | Wanted | NodeFinished[Any]"
"""What has files, or will have: a task is waited for."""
Downloadables: TypeAlias = "Downloadable | Outcome | Iterable[Downloadable]"


async def wanted(results: Downloadables, name: str) -> list[Wanted | Result]:
    """Give what is to be fetched, once all tasks have ended; what can be refused is refused before."""
    if isinstance(results, Outcome):
        return [Wanted.of_node(row) for row in results.finished if cast("Result", row.result).urls]
    several = isinstance(results, Iterable) and not isinstance(results, str | bytes | Mapping)
    given = tuple(cast("Iterable[Downloadable]", results)) if several else (cast("Downloadable", results),)
    template = name_template(name)
    faults = [fault for each in given if (fault := _not_downloadable(each))]
    if isinstance(template, Fault):
        faults.append(template)
    if faults:
        raise InvalidRequestError("download", faults)
    tasks = {each.id: each for each in given if isinstance(each, Task)}
    ended = await _ended(tasks.values())
    return [_of(each, ended) for each in given]


def _not_downloadable(given: object) -> Fault | None:
    match given:
        case Task() if issubclass(given.kind, Text):
            message = f"{given.kind.label} has no files: download a grid, a picture or a video task"
        case Task() | Result() | Wanted() | NodeFinished():
            return None
        case _:
            message = (
                "only tasks, results, finished nodes and outcomes have files: journey.task(id) makes a task of an id"
            )
    return Fault(argument="results", value=given, message=message)


async def _ended(tasks: Iterable[Task[Any]]) -> dict[str, Result]:
    """Wait for all together, so that they share their questions; raises the error of the first that has one."""
    ended: dict[str, Result | JourneyError] = {}

    async def end(task: Task[Any]) -> None:
        try:
            ended[task.id] = await task
        except JourneyError as error:
            # As a value: the group would wrap it.
            ended[task.id] = error

    async with anyio.create_task_group() as group:
        for task in tasks:
            group.start_soon(end, task)
    results: dict[str, Result] = {}
    for task in tasks:
        outcome = ended[task.id]
        if isinstance(outcome, JourneyError):
            raise outcome
        results[task.id] = outcome
    return results


def _of(given: Downloadable, ended: Mapping[str, Result]) -> Wanted | Result:
    match given:
        case Task(action=action):
            prompt = getattr(action, "prompt", None)
            return Wanted(result=ended[given.id], prompt=prompt, action=None if action is None else action.name)
        case NodeFinished():
            return Wanted.of_node(given)
        case _:
            return given
