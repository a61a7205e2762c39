"""Public coroutines that leave something on the disk: downloads, and runs with a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_async import Adopt, TaskGraph, read_journal
from journey_async.core.records import Intended, NodeDrawn, RunBegan, encode
from journey_async.journal import Journal
from tests.cancellation.coroutines import scene

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import NodeFailed, NodeFinished, Outcome
    from journey_async.core.records import Record
    from tests.cancellation.coroutines import Call
    from tests.cancellation.stages import Stage


# ---------------------------------------------------------------------------------------------------------------------
# Files


def _pictures(folder: Path) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert all(file.read_bytes().endswith(b"IEND\xaeB`\x82") for file in files if file.suffix == ".png"), files
    return files


@scene("JourneyClient.download")
async def download(stage: Stage) -> Call:
    picture = await stage.bought(stage.journey.upscale_1x(await stage.grid(), index=1))

    async def whole_or_none() -> set[str]:
        _pictures(stage.folder)
        await stage.journey.download(picture, stage.folder)
        assert len(_pictures(stage.folder)) == 1
        return set()

    stage.afterwards = whole_or_none
    return lambda: stage.journey.download(picture, stage.folder)


@scene("JourneyClient.downloading")
async def downloading(stage: Stage) -> Call:
    picture = await stage.bought(stage.journey.upscale_1x(await stage.grid(), index=1))

    async def follow() -> None:
        async with stage.journey.downloading(picture, stage.folder) as progress:
            async for _ in progress:
                pass

    async def whole_or_none() -> set[str]:
        _pictures(stage.folder)
        return set()

    stage.afterwards = whole_or_none
    return follow


# ---------------------------------------------------------------------------------------------------------------------
# Runs


def small() -> TaskGraph:
    """Draw a grid, a tile of it, and one that fails."""
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    graph.upscale_1x(grid, index=2, key="tile")
    graph.imagine("fails [sandbox:fail]", key="bad")
    return graph


def known_to(outcome: Outcome) -> set[str]:
    """Give the ids of the tasks that have ended."""
    ended: list[NodeFinished[Any] | NodeFailed] = [*outcome.finished, *outcome.failed]
    return {row.task_id for row in ended if row.task_id is not None}


def _run_again(stage: Stage, journal: Path) -> None:
    """Afterwards the run goes on to its end: every node was bought once, and the journal knows each task."""

    async def go_on() -> set[str]:
        outcome = await stage.journey.run(small(), journal=journal)
        assert (len(outcome.finished), len(outcome.failed), len(outcome.in_doubt)) == (2, 1, 0)
        known = known_to(outcome)
        assert len(known) == 3
        return known

    stage.afterwards = go_on


@scene("JourneyClient.run")
async def run(stage: Stage) -> Call:
    journal = stage.folder / "run.db"
    _run_again(stage, journal)
    return lambda: stage.journey.run(small(), journal=journal)


@scene("JourneyClient.running")
async def running(stage: Stage) -> Call:
    journal = stage.folder / "run.db"
    _run_again(stage, journal)

    async def follow() -> None:
        async with stage.journey.running(small(), journal=journal) as events:
            async for _ in events:
                pass

    return follow


async def begun(stage: Stage) -> Path:
    """Give the journal of a run that was left after its first purchase."""
    journal = stage.folder / "run.db"
    async with stage.journey.running(small(), journal=journal) as events:
        async for event in events:
            if getattr(event, "task_id", None) is not None:
                break
    _run_again(stage, journal)
    return journal


@scene("JourneyClient.resume")
async def resume(stage: Stage) -> Call:
    journal = await begun(stage)
    return lambda: stage.journey.resume(journal)


@scene("JourneyClient.resuming")
async def resuming(stage: Stage) -> Call:
    journal = await begun(stage)

    async def follow() -> None:
        async with stage.journey.resuming(journal) as events:
            async for _ in events:
                pass

    return follow


@scene("JourneyClient.settle")
async def settle(stage: Stage) -> Call:
    """Adopt a task for a node in doubt: the decision is recorded or not, and can be made in the second case."""
    journal = stage.folder / "settled.db"
    grid = await stage.grid()
    known: tuple[Record, ...] = (
        NodeDrawn(number=0, parent=None, table={"action": "imagine", "prompt": "a grid", "model": "midjourney"}),
        RunBegan(at=1.0, version="0", slots=1, balance=9.0, keys={"0": "grid"}),
        Intended(at=2.0, intent="i", number=0, parent=None, credits=4),
    )
    async with Journal(journal) as log:
        await log.write(*map(encode, known))

    async def decided() -> set[str]:
        if (await read_journal(journal)).in_doubt:
            await stage.journey.settle(journal, "grid", Adopt(grid.id))
        return known_to(await stage.journey.resume(journal))

    stage.afterwards = decided
    return lambda: stage.journey.settle(journal, "grid", Adopt(grid.id))


@scene("read_journal")
async def reading(stage: Stage) -> Call:
    journal = await begun(stage)
    return lambda: read_journal(journal)
