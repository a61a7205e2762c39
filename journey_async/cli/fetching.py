"""`journey fetch` and `journey account`: free questions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import typer

from journey_async.cli.complaints import complaint_about, one_line
from journey_async.cli.connection import connected
from journey_async.cli.consoles import console
from journey_async.cli.exit_codes import DONE, REFUSED, TASKS_FAILED, worst
from journey_async.cli.interruption import interruptible
from journey_async.cli.progress import display_on
from journey_async.cli.result_texts import json_line, task_as_json, task_as_lines
from journey_async.core.checks import FETCH_MANY_IDS
from journey_async.core.tasks import Failed, Finished
from journey_async.downloads import Wanted
from journey_async.errors import JourneyError, TaskNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from journey_async.cli.progress import Display
    from journey_async.cli.saving import Saving
    from journey_async.client import JourneyClient
    from journey_async.task import Task


def fetch(task_ids: Sequence[str], *, wait: bool, saving: Saving | None, as_json: bool, key_file: Path | None) -> int:
    """Show how tasks are doing, with *wait* once they have ended, and give the exit code."""
    client = connected(key_file)
    ids = tuple(dict.fromkeys(task_ids))

    async def work() -> int:
        async with client as journey:
            found = await _found(journey, ids)
            if wait:
                await _all_ended(found, as_json=as_json)
            codes = [await _show(task_id, found.get(task_id), saving, as_json=as_json) for task_id in ids]
        return worst(codes)

    return anyio.run(partial(interruptible, work, stopping=lambda: None), backend="asyncio")


async def _found(journey: JourneyClient, ids: tuple[str, ...]) -> dict[str, Task[Any]]:
    """Ask for all tasks, as many in a request as it takes; those that the service does not know are left out."""
    found: dict[str, Task[Any]] = {}
    most = FETCH_MANY_IDS[-1]
    for batch in (ids[start : start + most] for start in range(0, len(ids), most)):
        if len(batch) in FETCH_MANY_IDS:
            found |= {task.id: task for task in await journey.fetch_many(batch)}
            continue
        try:
            found[batch[0]] = await journey.fetch(batch[0])
        except TaskNotFoundError:
            continue
    return found


async def _all_ended(found: dict[str, Task[Any]], *, as_json: bool) -> None:
    stderr = console(stderr=True)
    if as_json and not stderr.is_terminal:
        stderr.quiet = True
    with display_on(stderr) as display:
        async with anyio.create_task_group() as group:
            for task in found.values():
                group.start_soon(_ended, task, display)


async def _ended(task: Task[Any], display: Display) -> None:
    try:
        async for _ in task.updates():
            display.show(one_line(task.id), task)
    except JourneyError as error:
        # What is known of the task is shown with the others.
        display.say(f"journey: {one_line(error)}")


async def _show(task_id: str, task: Task[Any] | None, saving: Saving | None, *, as_json: bool) -> int:
    if task is None:
        typer.echo(f"journey: task {one_line(task_id)} is not known to the service", err=True)
        if as_json:
            typer.echo(json_line({"task_id": task_id, "status": "not found"}))
        return REFUSED
    code = DONE
    files: tuple[Path, ...] = ()
    if saving is not None and isinstance(task.state, Finished) and task.state.result.urls:
        try:
            files = await saving.save([Wanted(result=task.state.result)])
        except JourneyError as error:
            complaint = complaint_about(error)
            assert complaint is not None  # noqa: S101 - it is an error of the package
            for line in complaint.text.splitlines():
                typer.echo(f"journey: {line}", err=True)
            code = complaint.exit_code
    if as_json:
        typer.echo(json_line(task_as_json(task, files=files)))
    else:
        typer.echo("\n".join(task_as_lines(task, files=files)))
    return TASKS_FAILED if isinstance(task.state, Failed) else code


def account(*, as_json: bool, key_file: Path | None) -> int:
    """Show what the account has and give the exit code."""
    client = connected(key_file)

    async def work() -> int:
        async with client as journey:
            found = await journey.account()
        facts: dict[str, object] = {
            "email": found.email,
            "plan": found.plan,
            "slots": found.slots,
            "credits": found.credits,
            "total_images": found.total_images,
        }
        if as_json:
            typer.echo(json_line(facts))
            return DONE
        words = {"slots": "tasks at once", "total_images": "pictures made"}
        for name, value in facts.items():
            shown = f"{value:g}" if isinstance(value, float) else "not published" if value is None else value
            typer.echo(f"{words.get(name, name):15}{one_line(shown)}")
        return DONE

    return anyio.run(partial(interruptible, work, stopping=lambda: None), backend="asyncio")
