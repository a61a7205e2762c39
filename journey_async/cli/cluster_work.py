"""`journey cluster init`, `show` and `pause`: what several machines share is prepared, told and held back."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import typer
from attrs import frozen
from rich.text import Text

from journey_async.cli.complaints import CommandError, counted, one_line
from journey_async.cli.consoles import console
from journey_async.cli.exit_codes import DONE
from journey_async.cli.interruption import interruptible
from journey_async.cli.outcome_texts import command
from journey_async.cli.result_texts import json_line
from journey_async.cluster.database import Database
from journey_async.cluster.store import RunKept, Store
from journey_async.core.records import error_as_values, error_from_values
from journey_async.errors import JournalError, JourneyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from journey_async.cluster.address import Cluster


def prepare(cluster: Cluster) -> int:
    """Prepare a database and give the exit code."""

    async def work() -> int:
        async with Database(cluster, patient=False) as database:
            await _reach(database)
            await database.prepare()
            await database.check()
        typer.echo(f"{cluster.place} is ready: journey worker --cluster {cluster.place}")
        return DONE

    return _run(work)


async def _reach(database: Database) -> None:
    """Raise `JournalError` if the database cannot be reached: the engine would make one that is only mistyped."""
    try:
        await database.check()
    except JournalError as error:
        if error.__cause__ is not None:
            raise


def pause_run(cluster: Cluster) -> int:
    """Let nothing more of a run be sent and give the exit code."""

    async def work() -> int:
        async with Database(cluster, patient=False) as database:
            await database.check()
            if await database.call(Store.run, cluster.run) is None:
                raise CommandError(f"{cluster.place} has no run {cluster.run}")
            await database.call(Store.pause, cluster.run, error_as_values(JourneyError("paused by hand")))
        typer.echo(f"run {cluster.run} is paused; go on with: {command('resume', cluster)}")
        return DONE

    return _run(work)


def show_all(cluster: Cluster, *, as_json: bool) -> int:
    """Tell what is in a database and give the exit code."""

    async def work() -> int:
        found = await _found(cluster)
        for line in found.as_json() if as_json else found.lines():
            console(wrapped=False).print(Text(line))
        return DONE

    return _run(work)


def _run(work: Callable[[], Awaitable[int]]) -> int:
    return anyio.run(partial(interruptible, work, stopping=lambda: None), backend="asyncio")


@frozen(kw_only=True)
class Found:
    """What several machines share, at one moment."""

    cluster: Cluster
    runs: dict[str, RunKept]
    slots: int | None
    holders: list[dict[str, Any]]

    def lines(self) -> Iterator[str]:
        """Tell it to a person."""
        held = Counter[str | None](each["run"] for each in self.holders if not each["waiting"])
        slots = "as many as the service gives" if self.slots is None else f"{self.slots} as far as is known"
        yield f"{self.cluster.place}: {counted(len(self.runs), 'run')}"
        yield f"slots: {slots}, {held.total()} taken"
        if self.runs:
            yield ""
            yield from _columns(("run", "slots", ""), [_run_row(run, held, kept) for run, kept in self.runs.items()])
        if self.holders:
            yield ""
            yield from _columns(("for", "by", "task"), [_holder_row(each) for each in self.holders])

    def as_json(self) -> Iterator[str]:
        """Tell it to a program."""
        yield json_line({"slots": self.slots})
        for run, kept in self.runs.items():
            paused = _why_paused(kept)
            yield json_line({"run": run, "records": kept.records, "paused": None if paused is None else str(paused)})
        for each in self.holders:
            yield json_line(each)


async def _found(cluster: Cluster) -> Found:
    async with Database(cluster, patient=False) as database:
        await database.check()
        runs: dict[str, RunKept] = {}
        for run in await database.call(Store.runs):
            kept = await database.call(Store.run, run)
            if kept is not None:
                runs[run] = kept
        return Found(
            cluster=cluster,
            runs=runs,
            slots=await database.call(Store.limit),
            holders=await database.call(Store.holders),
        )


def _run_row(run: str, held: Counter[str | None], kept: RunKept) -> tuple[str, ...]:
    paused = _why_paused(kept)
    return run, str(held[run]), "" if paused is None else f"paused: {one_line(paused)}"


def _why_paused(kept: RunKept) -> JourneyError | None:
    return None if kept.paused is None else error_from_values(json.loads(kept.paused))


def _holder_row(holder: dict[str, Any]) -> tuple[str, ...]:
    what = "a single call" if holder["run"] is None else holder["holder"]
    task = "waits for a slot" if holder["waiting"] else holder["task_id"] or "is being sent"
    return tuple(map(one_line, (what, holder["owner"], task)))


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    for row in (head, *rows):
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
