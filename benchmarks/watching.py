"""What does it cost to follow tasks to their ends, in real time and over real sockets?

Tasks of 30 to 40 seconds that begin within 10 seconds, or, where they are 100,000, of 40 to 60 seconds that begin
within 20: all of them are in flight for a while. Warm: 100 such tasks were followed before. Cold: none was.
The server knows their ends, and lag is from there until the caller's code runs. Nobody parked: one waiter follows all,
as a run does. With `await task`: a task of the loop for each. CPU is compared with bare POSTs measured right before and
after; what the ticker of 5 ms takes, which is late by as much as the loop stalls, is measured alone and taken off. It
would take more than a thousand tasks do, which are therefore followed without it.

    python benchmarks/watching.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import time
from random import Random
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import anyio
from attrs import asdict, frozen

from benchmarks.paired import Measured
from benchmarks.polling import Learnt, Life, follow, linear
from benchmarks.quick_server import KEY, ends, serving, task_id
from benchmarks.rows import Row, Size, exactly, report
from benchmarks.submitting import by_hand
from journey_async import JourneyClient
from journey_async.core.kinds import ImagineGrid
from journey_async.core.pacing import Pace
from journey_async.core.tasks import SUBMITTED, Unfinished
from journey_async.task import Task
from journey_async.waiting import Waiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from journey_async.watch import Watch
    from journey_async.watcher import Watcher

SMALL: Final = (
    ("nobody", "warm", 1000),
    ("nobody", "warm", 10_000),
    ("nobody", "cold", 10_000),
    ("await", "warm", 10_000),
)
LARGE: Final = (("nobody", "warm", 100_000), ("await", "warm", 100_000))
RUNS: Final[Mapping[Size, tuple[tuple[str, str, int], ...]]] = {
    "quick": (("nobody", "warm", 200), ("await", "warm", 200)),
    "usual": (*SMALL, LARGE[0]),
    "full": (*SMALL, *LARGE, *LARGE, *LARGE),
}
"""Who follows, what is known before, and how many tasks."""
POSTS: Final = 4096
LEARNT: Final = 100
TICK: Final = 0.005
MANY: Final = 10_000
"""Tasks beside which the ticker is little."""


@frozen
class Figures:
    """One run."""

    tasks: int
    cpu: float
    """Microseconds a task."""
    posts: float
    """The same in bare POSTs."""
    requests: float
    """Requests a task, counted by the server."""
    server_cpu: float
    """Microseconds a task."""
    lags: tuple[float, float]
    """Seconds: p50 and p99."""
    stalls: tuple[float, float] | None
    """Milliseconds: p99 and most; None where nobody looked."""
    peak: float
    """Megabytes that the process took more than before the tasks were known."""


def shortest_and_longest(count: int) -> tuple[float, float]:
    """Give how many seconds they take."""
    return (2.0, 4.0) if count < 1000 else (30.0, 40.0) if count < 100_000 else (40.0, 60.0)


def lives(count: int) -> list[tuple[float, float]]:
    """Give in how many seconds each task begins, in order, and how many it takes."""
    chance = Random(1)
    least, most = shortest_and_longest(count)
    return sorted((chance.uniform(0, most - least), chance.uniform(least, most)) for _ in range(count))


async def begun(begin: list[tuple[float, float]], follow: Callable[[str], object]) -> None:
    """Begin them, and have them followed."""
    first = time.monotonic()
    for number, (starts, seconds) in enumerate(begin):
        now = time.monotonic() - first
        if starts > now:
            await anyio.sleep(max(TICK, starts - now))
        follow(task_id(first + starts, seconds, number))


def _known(watcher: Watcher, name: str) -> Watch:
    state = Unfinished(task_id=name, status=SUBMITTED, kind=ImagineGrid)
    return watcher.watch(state, action="imagine")


async def nobody_parked(watcher: Watcher, tasks: list[tuple[float, float]], noticed: Callable[[str], None]) -> None:
    """Let one waiter follow all."""
    all_ended, left = Waiter(), len(tasks)

    def ended(watch: Watch) -> None:
        nonlocal left
        noticed(watch.task_id)
        left -= 1
        if left == 0:
            watcher.tell(all_ended)

    watcher.on_end = ended
    follower = Waiter()

    def follow(name: str) -> None:
        watcher.join(_known(watcher, name), follower)

    async with anyio.create_task_group() as group:
        group.start_soon(begun, tasks, follow)
        await watcher.wait(all_ended)


async def each_awaited(watcher: Watcher, tasks: list[tuple[float, float]], noticed: Callable[[str], None]) -> None:
    """Await each task in a task of the loop."""

    async def follow(name: str) -> None:
        task: Task[Any] = Task(watcher, _known(watcher, name))
        await task
        noticed(name)

    async with asyncio.TaskGroup() as group:
        await begun(tasks, lambda name: group.create_task(follow(name)))


WAYS: Final = {"nobody": nobody_parked, "await": each_awaited}


async def _ticking(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append((time.perf_counter() - due) * 1000)


async def _cpu_of_a_tick() -> float:
    late: list[float] = []
    ticker, began = asyncio.create_task(_ticking(late)), time.process_time()
    await asyncio.sleep(200 * TICK)
    ticker.cancel()
    return (time.process_time() - began) / len(late)


async def _post_cpu(base_url: str) -> float:
    async with aiohttp.ClientSession(headers={"Authorization": KEY}) as session:
        times: list[float] = []
        for _ in range(POSTS // 64):
            began = time.process_time()
            await asyncio.gather(*(by_hand(session, f"{base_url}/imagine") for _ in range(64)))
            times.append((time.process_time() - began) / 64)
    return median(times)


async def _counts(base_url: str) -> dict[str, float]:
    async with aiohttp.ClientSession() as session, session.get(f"{base_url}/counts") as reply:
        counts: dict[str, float] = await reply.json()
    return counts


def learn(watcher: Watcher, count: int) -> None:
    """Let it know what it would if it had followed a hundred tasks, which are followed in virtual time."""
    (least, most), learnt = shortest_and_longest(count), Learnt()
    chance, first = Random(2), time.monotonic() - 8 * most
    tasks = [Life(first + chance.uniform(0, 4 * most), chance.uniform(least, most)) for _ in range(LEARNT)]
    follow(tasks, linear, Pace(), learnt)
    watcher._durations, watcher._courses = learnt.durations, learnt.courses  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - to follow them would take a minute


async def followed(way: Callable[..., Awaitable[None]], state: str, count: int) -> Figures:
    """Follow so many tasks."""
    lags: list[float] = []
    late: list[float] = []
    tasks = lives(count)
    with serving() as server:
        posts, tick = [await _post_cpu(server.base_url)], await _cpu_of_a_tick()
        gc.collect()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        before = await _counts(server.base_url)
        async with JourneyClient(KEY, base_url=server.base_url, proxy="") as journey:
            watcher = journey._open().watcher  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public call follows a task without awaiting it
            if state == "warm":
                learn(watcher, count)

            def noticed(name: str) -> None:
                lags.append(time.monotonic() - ends(name))

            ticker = asyncio.create_task(_ticking(late)) if count >= MANY else None
            began = time.process_time()
            await way(watcher, tasks, noticed)
            cpu = (time.process_time() - began - len(late) * tick) / count
            if ticker is not None:
                ticker.cancel()
        after = await _counts(server.base_url)
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
        posts.append(await _post_cpu(server.base_url))
    return Figures(
        tasks=count,
        cpu=cpu * 1e6,
        posts=cpu / (sum(posts) / 2),
        requests=(after["requests"] - before["requests"] - 1) / count,
        server_cpu=(after["cpu"] - before["cpu"]) / count * 1e6,
        lags=(median(lags), quantiles(lags, n=100)[98]),
        stalls=(quantiles(late, n=100)[98], max(late)) if late else None,
        peak=peak,
    )


def in_process(way: str, state: str, count: int) -> Figures:
    """Follow in a new process, so that the peak of memory is its own."""
    command = [sys.executable, __file__, "--run", way, state, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: Any = json.loads(done.stdout)
    told["lags"], told["stalls"] = tuple(told["lags"]), told["stalls"] and tuple(told["stalls"])
    return Figures(**told)


def _rows(way: str, state: str, runs: list[Figures]) -> list[Row]:
    count, name = runs[0].tasks, "nobody parked" if way == "nobody" else "`await task`"
    where = f"{count:,} in flight, {name}, {state}"

    def over(figure: Callable[[Figures], float]) -> Measured:
        values = [figure(run) for run in runs]
        return Measured(median(values), min(values), max(values))

    last = runs[-1]
    runs_told = "1 run" if len(runs) == 1 else f"{len(runs)} runs, lowest and highest"
    what = (
        f"{last.cpu:.0f} us and {last.requests:.3f} requests a task, server {last.server_cpu:.0f} us a task, "
        f"lag p50 {last.lags[0]:.2f} s, {runs_told}"
    )
    large = count >= 100_000
    gated = way == "nobody" and state == "warm"
    rows = [
        Row(
            headline=f"client CPU to follow a task to its end, in bare POSTs, {where}",
            limit="0.06" if large else "-",
            goal=1.5 if gated and large else None,
            stretch=0.8 if gated and large else None,
            measured=over(lambda run: run.posts),
            note=what,
        ),
        Row(headline=f"lag p99 in seconds, {where}", goal=0.7, measured=over(lambda run: run.lags[1])),
    ]
    stalls = [run.stalls for run in runs if run.stalls is not None]
    goals: tuple[tuple[str, float, float | None], ...] = (("p99", 5, None), ("most", 75, 30))
    for place, (which, most, best) in enumerate(goals if stalls else ()):
        values = [stall[place] for stall in stalls]
        rows.append(
            Row(
                headline=f"stall of the loop in ms, {which}, {where}",
                limit="20-40" if large else "-",
                goal=most if large and gated else None,
                stretch=best if large and gated else None,
                measured=Measured(median(values), min(values), max(values)),
            )
        )
    if large:
        goal = 80.0 if gated else None
        rows.append(Row(headline=f"peak MB, {where}", goal=goal, measured=over(lambda run: run.peak)))
    return rows


def growth(smallest: Figures, largest: Figures) -> Row:
    """Compare the cost of a task in small and in large numbers."""
    return Row(
        headline=f"growth: CPU of a followed task, {largest.tasks:,} / {smallest.tasks:,} in flight",
        limit="1",
        goal=1.15,
        measured=exactly(largest.posts / smallest.posts),
        note="in bare POSTs of the same process; one run each",
    )


def measure(size: Size) -> list[Row]:
    """Follow them, in turns."""
    rows: list[Row] = []
    runs: dict[tuple[str, str, int], list[Figures]] = {}
    for way, state, count in RUNS[size]:
        runs.setdefault((way, state, count), []).append(in_process(way, state, count))
    for (way, state, _), found in runs.items():
        rows += _rows(way, state, found)
    if size != "quick":
        rows.append(growth(runs[SMALL[0]][-1], runs[LARGE[0]][-1]))
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        found = anyio.run(followed, WAYS[sys.argv[2]], sys.argv[3], int(sys.argv[4]))
        json.dump(asdict(found), sys.stdout)
    else:
        report(__doc__, measure)
