"""A journal that is cut at any byte: what is left is the truth, or it is refused; nothing it knows is paid again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from benchmarks.kill import Books, asked
from journey_async import JournalError, NodeInDoubt, Outcome, read_journal
from journey_async.sandbox import Sandbox
from tests.chaos.clients import client
from tests.chaos.graphs import drawn
from tests.journal.files import beside, copied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from tests.chaos.act import Act

NODES: Final = 8
CUTS: Final = 6


async def journal_cut(act: Act, name: str) -> None:
    """Cut copies of a journal that is being written, and of the whole one, and go on with what is left."""
    await cut_campaign(act.folder, name, act.chance(name), act.findings.found, CUTS)
    act.findings.injected["journal-cut"] += CUTS


async def cut_campaign(folder: Path, name: str, chance: Random, found: Callable[[str, str], None], cuts: int) -> None:
    """Do it with a service of its own, whose books know of nothing else."""
    async with Sandbox(plan="enterprise", slots=4, credits=10_000, task_seconds=0.03) as box:
        books = Books(box)
        whole = folder / name
        copies = [whole / "copy-open", whole / "copy-closed"]
        for each in (whole, *copies):
            await anyio.to_thread.run_sync(each.mkdir)
        await _written(box, whole / "run.db", copies, name, chance)
        for number in range(cuts):
            place = whole / f"cut-{number}"
            await anyio.to_thread.run_sync(place.mkdir)
            journal = await anyio.to_thread.run_sync(_cut, chance.choice(copies) / "run.db", place, chance)
            await _go_on(box, books, journal, name, found)


async def _written(box: Sandbox, journal: Path, copies: list[Path], name: str, chance: Random) -> None:
    """Run it and copy the journal twice: in the middle, and at the end."""
    stop = chance.randrange(2, 3 * NODES)
    async with client(box.base_url, box.api_key) as journey:
        async with journey.running(drawn(name, NODES), journal=journal) as run:
            seen = 0
            async for _ in run:
                seen += 1
                if seen == stop:
                    await anyio.to_thread.run_sync(copied, journal, copies[0])
        await anyio.to_thread.run_sync(copied, journal, copies[1])
    if not (copies[0] / journal.name).exists():
        await anyio.to_thread.run_sync(copied, journal, copies[0])


def _cut(journal: Path, place: Path, chance: Random) -> Path:
    copy = copied(journal, place)
    sides = [side for side in ("", "-wal") if beside(copy, side).exists()]
    victim = beside(copy, chance.choice(sides))
    os.truncate(victim, chance.randrange(0, victim.stat().st_size + 1))
    return copy


def _size(journal: Path) -> int:
    return journal.stat().st_size


async def _go_on(box: Sandbox, books: Books, journal: Path, name: str, found: Callable[[str, str], None]) -> None:
    try:
        left = await read_journal(journal)
    except JournalError:
        left = None
    empty = not await anyio.to_thread.run_sync(_size, journal)
    before = {what: len(tasks) for what, tasks in books.tasks.items()}
    async with client(box.base_url, box.api_key) as journey:
        try:
            outcome = await journey.run(drawn(name, NODES), journal=journal)
        except JournalError:
            return
    if left is None:
        if not empty:
            found("wrong results", f"{journal}: it could not be read, and a run began anew in it")
        return
    for key, row in left.rows.items():
        task_id = getattr(row, "task_id", None)
        if task_id is None and not isinstance(row, NodeInDoubt):
            continue
        now = outcome[key]
        if task_id is not None and getattr(now, "task_id", None) != task_id:
            found("wrong results", f"{journal}: {key} was task {task_id}, is {now}")
        what = _asked(left, key)
        if what is not None and len(books.tasks.get(what, ())) > before.get(what, 0):
            found("charged twice", f"{journal}: {key} was known to what was left of the journal")


def _asked(outcome: Outcome, key: str) -> tuple[str, str, str] | None:
    """Give what makes the order of a node one of a kind."""
    node = outcome[key].node
    parent = None if node.parent is None else getattr(outcome[node.parent.key], "task_id", None)
    if node.parent is not None and parent is None:
        return None
    body = {"parent_task_id": parent, **node.fields}
    return asked(f"/{node.name}", body)
