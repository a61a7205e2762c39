"""What does a run cost beyond submitting and following the same tasks by hand?

Trees of four nodes against the sandbox's world in this process, in virtual time: no socket, no waiting. By hand means a
coroutine for each node, which waits for its parent and then for a slot. CPU is of this thread and without the world's
own; with a journal it includes what the writer thread takes. Memory is what was allocated between the call and the
moment at which all slots are taken and all other nodes wait.

    python benchmarks/runs.py [NODES ...]
"""

from __future__ import annotations

import asyncio
import gc
import platform
import sys
import time
import tracemalloc
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeVar

import anyio
from attrs import frozen

from journey_async import NodeSubmitted, TaskGraph, runs
from journey_async.journal import Journal
from journey_async.runs import RunOptions
from journey_async.sandbox import World
from journey_async.submitting import order
from tests.virtual_service import KEY, VirtualTransport, bought, virtual_workings_on
from tests.virtual_time import VirtualLoop

if TYPE_CHECKING:
    import threading
    from collections.abc import Awaitable, Callable

    from journey_async import Node, Reply, Request
    from journey_async.sandbox.answers import Answer
    from journey_async.workings import Workings

T = TypeVar("T")
SIZES: Final = (100, 1000, 10_000)
SLOTS: Final = 25


class CountingJournal(Journal):
    """Tells how many calls wait for the disk: virtual time must not pass meanwhile."""

    waiting = 0

    async def write(self, *records: str) -> None:
        """Write, counted."""
        CountingJournal.waiting += 1
        try:
            await super().write(*records)
        finally:
            CountingJournal.waiting -= 1

    async def _end(self, writer: threading.Thread, *, cancelled: bool = False) -> None:
        CountingJournal.waiting += 1
        await super()._end(writer, cancelled=cancelled)
        CountingJournal.waiting -= 1


class PatientLoop(VirtualLoop):
    """Time passes only while nobody waits for the disk."""

    def jump(self, seconds: float) -> None:
        """Let time pass, or a moment of the real one."""
        if CountingJournal.waiting:
            time.sleep(0.001)
        else:
            super().jump(seconds)


class MeasuringTransport(VirtualTransport):
    """Knows how long the world took, and how many tasks of the loop were alive at most."""

    def __init__(self, world: World) -> None:
        super().__init__(world, round_trip=0.05)
        self.seconds = 0.0
        self.requests = 0
        self.tasks = 0

    async def send(self, request: Request, /) -> Reply:
        """Send, measured."""
        if self.requests % 50 == 0:
            self.tasks = max(self.tasks, len(asyncio.all_tasks()))
        self.requests += 1
        return await super().send(request)

    def answered(self, request: Request) -> Answer:
        """Let the world answer, measured."""
        began = time.thread_time()
        try:
            return super().answered(request)
        finally:
            self.seconds += time.thread_time() - began


@frozen
class Figures:
    """One measurement."""

    cpu: float
    """Seconds without the world's."""
    tasks: int
    requests: int


def drawn(nodes: int) -> TaskGraph:
    """Draw trees of four nodes."""
    graph = TaskGraph()
    for number in range(nodes // 4):
        grid = graph.imagine(f"elk {number}")
        picture = graph.upscale_1x(grid, index=1)
        graph.upscale_1x(grid, index=2)
        graph.pan(picture, direction="left")
    return graph


def virtually(main: Callable[[], Awaitable[T]]) -> T:
    """Run *main* in virtual time."""
    return anyio.run(main, backend_options={"loop_factory": PatientLoop})


def world() -> World:
    """Make a service whose plan has 25 slots."""
    return World(api_key=KEY, credits=10**7, plan="growth")


async def by_hand(workings: Workings, graph: TaskGraph) -> None:
    """Submit and follow each node in a coroutine of its own."""
    done = {node.key: anyio.Event() for node in graph}
    ids: dict[str, str] = {}

    async def carry(node: Node[Any]) -> None:
        parent = None
        if node.parent is not None:
            await done[node.parent.key].wait()
            parent = ids[node.parent.key]
        assert node.action is not None
        watch = await bought(workings, order(node.action, parent))
        ids[node.key] = watch.task_id
        await workings.watcher.end(watch)
        done[node.key].set()

    with workings.slots.allowed(SLOTS):
        async with anyio.create_task_group() as group:
            for node in graph:
                group.start_soon(carry, node)


async def as_run(workings: Workings, graph: TaskGraph, journal: Path | None) -> None:
    """Run it."""
    outcome = await runs.run(workings, graph, RunOptions(journal=journal))
    assert outcome.complete


def measured(nodes: int, how: Callable[[Workings, TaskGraph], Awaitable[None]]) -> Figures:
    """Measure the CPU of one way to carry out a graph."""

    async def main() -> Figures:
        graph, transport = drawn(nodes), MeasuringTransport(world())
        workings = virtual_workings_on(transport)
        gc.collect()
        began = time.process_time()
        await how(workings, graph)
        cpu = time.process_time() - began - transport.seconds
        assert transport.world.ledger(anyio.current_time())["accepted"] == nodes
        return Figures(cpu=cpu, tasks=transport.tasks, requests=transport.requests)

    return virtually(main)


def memory(nodes: int, journal: Path | None) -> float:
    """Measure the bytes for each node while nearly all wait."""

    async def main() -> float:
        graph, transport = drawn(nodes), MeasuringTransport(world())
        workings = virtual_workings_on(transport)
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        submitted = 0
        async with runs.running(workings, graph, RunOptions(journal=journal)) as run:
            async for event in run:
                submitted += isinstance(event, NodeSubmitted)
                if submitted == SLOTS:
                    break
            gc.collect()
            now, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return (now - before) / nodes

    return virtually(main)


def main() -> None:
    """Print the table."""
    sizes = [int(given) for given in sys.argv[1:]] or SIZES
    runs.Journal = CountingJournal  # type: ignore[attr-defined]
    print(f"Python {platform.python_version()}, {platform.platform()}; {SLOTS} slots")
    print(f"{'':24}{'CPU us/node':>12}{'to by hand':>12}{'tasks':>8}{'requests/node':>15}{'bytes/waiting node':>20}")
    for nodes in sizes:
        base = measured(nodes, by_hand)
        with TemporaryDirectory() as folder:
            first, second = Path(folder) / "run.db", Path(folder) / "memory.db"
            ways: dict[str, tuple[Figures, float | None]] = {
                "by hand": (base, None),
                "run": (measured(nodes, partial(as_run, journal=None)), memory(nodes, None)),
                "run with a journal": (measured(nodes, partial(as_run, journal=first)), memory(nodes, second)),
            }
        for name, (figures, size) in ways.items():
            cost = figures.cpu / nodes * 1e6
            shown = "" if size is None else f"{size:,.0f}"
            ratio, asked = figures.cpu / base.cpu, figures.requests / nodes
            print(f"{nodes:>6,} {name:<17}{cost:12,.0f}{ratio:12.2f}{figures.tasks:8}{asked:15.2f}{shown:>20}")


if __name__ == "__main__":
    main()
