"""`watch_gallery`: the page is written anew while a run goes on, and is whole at every moment."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest

from journey_async.core.events import NodeSubmitted
from journey_async.core.records import Intended, decode
from journey_async.errors import JournalBusyError, JournalError
from journey_async.gallery import Written, watch_gallery, write_gallery
from journey_async.graph import TaskGraph
from journey_async.journal import Journal
from journey_async.runs import read_records
from tests.client.services import InProcess
from tests.gallery.runs import FAULTS, NOWHERE, ONCE, Links, elk, put_pictures, ran

if TYPE_CHECKING:
    from journey_async.core.outcome import Outcome

OFTEN = 0.005


def forest(trees: int) -> TaskGraph:
    graph = TaskGraph()
    for number in range(trees):
        grid = graph.imagine(f"tree number {number}", key=f"t{number}")
        graph.upscale_1x(grid, index=1, key=f"t{number}-1")
    return graph


async def stopped(graph: TaskGraph, journal: Path) -> None:
    """Run *graph* until its two roots are on their way, and no further."""
    service = InProcess(task_seconds=600.0, speed=1.0, plan="basic")
    service.world.media_url = NOWHERE
    submitted = 0
    async with service.client() as client, client.running(graph, journal=journal) as events:
        async for event in events:
            submitted += isinstance(event, NodeSubmitted)
            if submitted == 2:
                break


async def text_of(path: Path) -> str:
    return await anyio.Path(path).read_text()


async def test_it_follows_a_run_to_its_end(tmp_path: Path) -> None:
    """The journal is read while it is written; the page is written more than once and shows the end."""
    seen: list[Written] = []
    outcomes: list[Outcome] = []
    journal, out = tmp_path / "forest.db", tmp_path / "out"

    async def run() -> None:
        outcomes.append(await ran(forest(6), journal, task_seconds=0.1, plan="basic"))

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        while not await anyio.Path(journal).exists():  # noqa: ASYNC110 - a file has no event
            await anyio.sleep(OFTEN)
        await watch_gallery(journal, out, downloader=ONCE, tell=seen.append, interval=OFTEN)

    last = seen[-1]
    assert len(outcomes[0].finished) == 12
    assert len(last.outcome.finished) == 12
    assert len({len(written.outcome.finished) for written in seen}) > 1
    page = Links(await text_of(last.page))
    assert {card["data-state"] for card in page.cards.values()} == {"finished"}
    (root,) = page.of("html")
    assert root["data-live"] == "no"
    assert await text_of(out / "pulse.js") == f'galleryPulse({{"version": "{root["data-version"]}", "live": false}});\n'


async def test_an_open_page_is_told_to_follow_until_it_is_over(tmp_path: Path) -> None:
    """A run that was stopped in the middle may go on; leaving it tells the page that nobody follows any more."""
    journal, out = tmp_path / "forest.db", tmp_path / "out"
    await stopped(forest(2), journal)
    written, scope = anyio.Event(), anyio.CancelScope()

    async def watch() -> None:
        with scope:
            await watch_gallery(journal, out, downloader=ONCE, tell=lambda _: written.set(), interval=OFTEN)

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await written.wait()
        assert (await text_of(out / "pulse.js")).endswith('"live": true});\n')
        scope.cancel()

    assert scope.cancelled_caught
    assert (await text_of(out / "pulse.js")).endswith('"live": false});\n')
    states = {card["data-state"] for card in Links(await text_of(out / "index.html")).cards.values()}
    assert states == {"submitted", "waiting"}


async def test_what_waits_for_a_decision_does_not_keep_it(tmp_path: Path) -> None:
    """A node in doubt may stay so for ever."""
    outcome = await ran(elk(), tmp_path / "elk.db", faults=FAULTS)
    put_pictures(outcome, tmp_path / "out")

    written = await watch_gallery(tmp_path / "elk.db", tmp_path / "out", downloader=ONCE, interval=OFTEN)
    assert len(written.outcome.in_doubt) == 1
    assert len(written.outcome.waiting) == 1


async def test_a_request_under_way_keeps_it(tmp_path: Path) -> None:
    """Until the answer is recorded it looks like one in doubt, which it is only if nobody waits for the answer."""
    await ran(forest(1), tmp_path / "whole.db")
    whole = await read_records(tmp_path / "whole.db")
    marked = 1 + max(place for place, record in enumerate(whole) if isinstance(decode(record), Intended))
    journal, written = tmp_path / "forest.db", anyio.Event()
    found: list[Written] = []
    async with Journal(journal) as writer, anyio.create_task_group() as group:
        await writer.write(*whole[:marked])

        async def watch() -> None:
            found.append(await watch_gallery(journal, tmp_path / "out", downloader=ONCE, tell=tell, interval=OFTEN))

        def tell(now: Written) -> None:
            if len(now.outcome.in_doubt) == 1 and now.failures:
                # The picture of the grid was tried: the next thing is to look whether all is over.
                written.set()

        group.start_soon(watch)
        await written.wait()
        await writer.write(*whole[marked:])
    assert len(found[0].outcome.finished) == 2


async def test_a_journal_that_is_open_elsewhere_is_read_all_the_same(tmp_path: Path) -> None:
    """The writer's lock keeps other writers out, and no reader."""
    await ran(elk(), tmp_path / "elk.db")

    async with Journal(tmp_path / "elk.db"):
        with pytest.raises(JournalBusyError):
            async with Journal(tmp_path / "elk.db"):
                pass
        written = await write_gallery(tmp_path / "elk.db", tmp_path / "out", downloader=ONCE)

    assert len(written.outcome) == 9


async def test_a_journal_that_breaks_ends_it_and_the_page_stays(tmp_path: Path) -> None:
    """What was known before is worth keeping."""
    journal, out = tmp_path / "forest.db", tmp_path / "out"
    await stopped(forest(2), journal)

    written = anyio.Event()

    async def watch() -> None:
        with pytest.raises(JournalError, match="not a journal"):
            await watch_gallery(journal, out, downloader=ONCE, tell=lambda _: written.set(), interval=OFTEN)

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        await written.wait()
        # At once: an empty file would be a journal in which no run has begun.
        await anyio.Path(tmp_path / "other").write_bytes(b"this is no journal" * 100)
        await anyio.Path(tmp_path / "other").replace(journal)
    assert len(Links(await text_of(out / "index.html")).cards) == 4


async def test_nobody_ever_reads_half_a_page(tmp_path: Path) -> None:
    """Whoever opens a file at any moment gets all of one version; nothing else is left behind."""
    journal, out = tmp_path / "forest.db", tmp_path / "out"
    await ran(forest(30), journal)
    await write_gallery(journal, out, downloader=ONCE)
    over = threading.Event()
    wrong: list[str] = []
    reads = 0

    def read() -> None:
        nonlocal reads
        while not over.is_set():
            for name, end in (("index.html", "</html>"), ("parts.js", ");\n"), ("pulse.js", ");\n")):
                if not (out / name).read_text().endswith(end):
                    wrong.append(name)
            reads += 1

    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, read)
        try:
            for number in range(10):
                # Another title is another page.
                other = Path(f"{journal}{number}.db")
                await anyio.to_thread.run_sync(os.replace, journal, other)
                journal = other
                await write_gallery(journal, out, downloader=ONCE)
        finally:
            over.set()

    assert wrong == []
    assert reads > 0
    assert sorted([path.name async for path in anyio.Path(out).iterdir() if await path.is_file()]) == [
        *("gallery.css", "gallery.js", "icon.svg", "index.html", "parts.js", "pulse.js")
    ]
