"""A task as lines for a person and as one JSON object for a program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from journey_async.cli.complaints import one_line
from journey_async.core.kinds import Description, Grid, Result, Seed, Shortening
from journey_async.core.tasks import Failed, Finished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from journey_async.task import Task


def json_line(content: Mapping[str, object]) -> str:
    """Write one JSON object as one line of ASCII."""
    return json.dumps(content, separators=(", ", ": "), default=str)


def task_as_json(task: Task[Any], *, files: Sequence[Path] = ()) -> dict[str, object]:
    """Give a task as it is printed with `--json`; `kind` is null as long as the service does not tell it."""
    state = task.state
    told: dict[str, object] = {
        "task_id": task.id,
        "action": None if task.action is None else task.action.name,
        "parent": task.parent,
        "credits": None if task.action is None else task.action.credits,
        "status": state.status,
        "percentage": state.percentage,
        "kind": None if task.kind is Result else task.kind.__name__,
    }
    if isinstance(state, Finished):
        told |= result_as_json(state.result)
        told["files"] = [str(path) for path in files]
    elif isinstance(state, Failed):
        told["error"] = state.error
    return told


def result_as_json(result: Result) -> dict[str, object]:
    """Give what a result holds: the URLs of its files, and its text where it is one."""
    told: dict[str, object] = {"urls": list(result.urls)}
    match result:
        case Grid():
            told["sheet_url"] = result.original_image_url
        case Description() | Shortening():
            told["content"] = list(result.content)
        case Seed():
            told["seed"] = result.seed
        case _:
            pass
    return told


def task_as_lines(task: Task[Any], *, files: Sequence[Path] = ()) -> Iterator[str]:
    """Tell how a task is doing, and below it its files or texts; the paths of saved files instead of their URLs."""
    state = task.state
    percentage = "" if state.percentage is None or state.done else f" {state.percentage}%"
    failed = f": {one_line(state.error)}" if isinstance(state, Failed) else ""
    name = "task" if task.action is None else task.action.name
    yield f"{name} {one_line(task.id)} {one_line(state.status)}{percentage}{failed}"
    if isinstance(state, Finished):
        for line in map(str, files) if files else _contents(state.result):
            yield f"  {one_line(line)}"


def _contents(result: Result) -> Iterator[str]:
    yield from result.urls
    match result:
        case Description() | Shortening():
            yield from result.content
        case Seed():
            yield f"seed {result.seed}"
        case _:
            pass
