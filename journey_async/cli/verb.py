"""One call of the service from its submission to its files: `journey imagine`, `journey pan` and the others."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
import typer
from attrs import frozen

from journey_async.cli.complaints import one_line
from journey_async.cli.connection import connected
from journey_async.cli.consoles import console
from journey_async.cli.exit_codes import DONE
from journey_async.cli.interruption import interruptible
from journey_async.cli.progress import display_on
from journey_async.cli.result_texts import json_line, task_as_json, task_as_lines
from journey_async.downloads import Wanted
from journey_async.errors import DownloadError, JourneyError
from journey_async.task import Task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from journey_async.cli.progress import Display
    from journey_async.cli.saving import Saving
    from journey_async.client import JourneyClient
    from journey_async.core.actions import Index


@frozen(kw_only=True)
class Verb:
    """What was typed."""

    name: str
    arguments: tuple[Any, ...]
    fields: dict[str, Any]
    upscale: tuple[str, ...] = ()
    """The tiles that are to become pictures of their own."""
    wait: bool = True
    saving: Saving | None = None
    as_json: bool = False

    @property
    def method(self) -> str:
        """The name of the client's method."""
        return self.name.replace("-", "_")


def perform(verb: Verb, *, key_file: Path | None) -> int:
    """Do what was typed and give the exit code."""
    client = connected(key_file)
    return anyio.run(partial(_interruptibly, client, verb), backend="asyncio")


async def _interruptibly(client: JourneyClient, verb: Verb) -> int:
    work = _Work(client, verb)
    try:
        return await interruptible(work.perform, stopping=work.stopping)
    finally:
        work.tell_what_goes_on()


class _Work:
    """The tasks of one command."""

    def __init__(self, client: JourneyClient, verb: Verb) -> None:
        self._client = client
        self._verb = verb
        self._begun: list[Task[Any]] = []
        self._errors: list[JourneyError] = []
        """What went wrong after the first task had its result, which is shown all the same."""
        self._stopped = False

    async def perform(self) -> int:
        """Submit, and wait for and show what comes of it."""
        stderr = console(stderr=True)
        if self._verb.as_json and not stderr.is_terminal:
            stderr.quiet = True
        async with self._client as journey:
            with display_on(stderr) as display:
                method: Callable[..., Awaitable[Task[Any]]] = getattr(journey, self._verb.method)
                task = await self._submit(method(*self._verb.arguments, **self._verb.fields), display)
                if not self._verb.wait:
                    tasks = [task]
                else:
                    await _follow(task, self._verb.name, display)
                    tasks = await self._upscaled(journey, task, display)
            for each in tasks:
                await self._show(each)
        if self._errors:
            raise ExceptionGroup("after the first task", self._errors)
        return DONE

    async def _submit(self, call: Awaitable[Task[Any]], display: Display, *, name: str = "") -> Task[Any]:
        task = await call
        self._begun.append(task)
        display.show(name or self._verb.name, task)
        return task

    async def _upscaled(self, journey: JourneyClient, grid: Task[Any], display: Display) -> list[Task[Any]]:
        """Give the tiles of *grid* that were asked for; the grid itself if none were."""
        if not self._verb.upscale:
            return [grid]
        upscaled: dict[str, Task[Any]] = {}

        async def upscale(index: str) -> None:
            name = f"upscale-1x {index}"
            try:
                task = await self._submit(journey.upscale_1x(grid, index=cast("Index", index)), display, name=name)
                await _follow(task, name, display)
            except JourneyError as error:
                self._errors.append(error)
            else:
                upscaled[index] = task

        tiles = dict.fromkeys(self._verb.upscale)
        async with anyio.create_task_group() as group:
            for index in tiles:
                group.start_soon(upscale, index)
        return [grid, *(upscaled[index] for index in tiles if index in upscaled)]

    async def _show(self, task: Task[Any]) -> None:
        files: tuple[Path, ...] = ()
        # With --upscale the tiles that were asked for are wanted, and not the others.
        if self._verb.saving is not None and not (self._verb.upscale and task is self._begun[0]):
            prompt = getattr(task.action, "prompt", None) or getattr(self._begun[0].action, "prompt", None)
            wanted = Wanted(result=await task, prompt=prompt, action=None if task.action is None else task.action.name)
            try:
                files = await self._verb.saving.save([wanted])
            except DownloadError as error:
                self._errors.append(error)
        if self._verb.as_json:
            typer.echo(json_line(task_as_json(task, files=files)))
        else:
            typer.echo("\n".join(task_as_lines(task, files=files)))

    def stopping(self) -> None:
        """Say that Ctrl-C was seen."""
        self._stopped = True
        sys.stderr.write("journey: stopping; Ctrl-C again leaves at once\n")

    def tell_what_goes_on(self) -> None:
        """Say which tasks go on at the service although nobody waits for them any more."""
        if not self._stopped:
            return
        known = {task.id: task for task in self._begun}
        for orphan in self._client.orphans:
            if isinstance(orphan, Task):
                known.setdefault(orphan.id, orphan)
            else:
                sys.stderr.write(f"journey: {one_line(orphan)}\n")
        for task_id, task in known.items():
            if not task.done:
                sys.stderr.write(f"journey: the task goes on: journey fetch --wait {one_line(task_id)}\n")


async def _follow(task: Task[Any], name: str, display: Display) -> None:
    """Show how *task* gets on until it has ended. Raises what awaiting it raises."""
    async for _ in task.updates():
        display.show(name, task)
    await task
