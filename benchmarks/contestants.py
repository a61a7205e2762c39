"""The programs that `side_by_side.py` compares: each makes chains of an imagine and an upscale, 25 at a time.

`REPEAT` in the settings says what each program written by hand does about a failed request: up to five attempts with
growing waits, as a retry decorator would, or none. Nothing else in them knows that a request costs money.

    python benchmarks/contestants.py NAME SETTINGS
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import aiohttp
import httpx
from attrs import frozen

from journey_async import JourneyClient, JourneyError, NodeFinished, Pace, RetryPolicy, TaskGraph

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Json: TypeAlias = dict[str, str]
"""As much of a reply as the programs look at."""

AT_ONCE: Final = 25
ATTEMPTS: Final = 5


@frozen
class Settings:
    """What a program is told."""

    base_url: str
    key: str
    chains: int
    speed: float
    """The service runs so many times as fast, and so do all intervals."""
    repeat: bool


def prompt(number: int) -> str:
    """Give every chain a prompt of its own."""
    return f"elk number {number}"


class _FailedError(Exception):
    """A task that failed, or a request that was not repeated."""


async def _patiently(settings: Settings, attempt: Callable[[], Awaitable[Json]]) -> Json:
    for number in range(ATTEMPTS):
        try:
            return await attempt()
        except (aiohttp.ClientError, httpx.HTTPError, OSError, json.JSONDecodeError):
            if not settings.repeat or number == ATTEMPTS - 1:
                raise
            await asyncio.sleep(2**number / settings.speed)
    raise AssertionError


async def _chains(settings: Settings, post: Callable[[str, Json], Awaitable[Json]]) -> int:
    """Make the chains with *post*, and ask about each task every second."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def asked(path: str, body: Json) -> Json:
        return await _patiently(settings, lambda: post(path, body))

    async def wait(task_id: str) -> None:
        while True:
            await asyncio.sleep(1 / settings.speed)
            status = (await asked("/fetch", {"task_id": task_id})).get("status")
            if status == "finished":
                return
            if status == "failed":
                raise _FailedError

    async def chain(number: int) -> int:
        done = 0
        async with slots:
            try:
                grid = await asked("/imagine", {"prompt": prompt(number), "model": "midjourney"})
                await wait(grid["task_id"])
                done += 1
                picture = await asked("/upscale-1x", {"parent_task_id": grid["task_id"], "index": "1"})
                await wait(picture["task_id"])
                done += 1
            except (aiohttp.ClientError, httpx.HTTPError, OSError, ValueError, _FailedError):
                pass
        return done

    return sum(await asyncio.gather(*(chain(number) for number in range(settings.chains))))


def by_aiohttp(settings: Settings) -> int:
    """Run a gather with a semaphore over one session of aiohttp."""

    async def main() -> int:
        async with aiohttp.ClientSession(headers={"Authorization": settings.key}) as session:

            async def post(path: str, body: Json) -> Json:
                async with session.post(settings.base_url + path, json=body) as reply:
                    reply.raise_for_status()
                    told: Json = await reply.json()
                    return told

            return await _chains(settings, post)

    return asyncio.run(main())


def by_httpx(settings: Settings) -> int:
    """Run the same over one client of httpx."""

    async def main() -> int:
        headers = {"Authorization": settings.key}
        async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as client:

            async def post(path: str, body: Json) -> Json:
                reply = await client.post(settings.base_url + path, json=body)
                told: Json = reply.raise_for_status().json()
                return told

            return await _chains(settings, post)

    return asyncio.run(main())


def by_apiframe(settings: Settings) -> int:
    """Run apiframe-sdk in a pool of threads, with a client for each and its own `wait_for` every three seconds."""
    apiframe: Any = importlib.import_module("apiframe")
    own = threading.local()

    def client() -> Any:  # noqa: ANN401 - it is not typed
        if not hasattr(own, "client"):
            own.client = apiframe.Apiframe(api_key=settings.key, base_url=settings.base_url)
            # It sends a Bearer, which JourneyAPI does not take.
            own.client._http_client.session.headers["Authorization"] = settings.key  # noqa: SLF001
            own.client._http_client.session.trust_env = False  # noqa: SLF001
        return own.client

    def asked(call: Callable[[], Json]) -> Json:
        for number in range(ATTEMPTS):
            try:
                return call()
            except apiframe.ApiframeError:
                if not settings.repeat or number == ATTEMPTS - 1:
                    raise
                time.sleep(2**number / settings.speed)
        raise AssertionError

    def wait(task: Json) -> None:
        asked(lambda: client().tasks.wait_for(task["id"], interval=3 / settings.speed))

    def chain(number: int) -> int:
        done = 0
        try:
            grid = asked(lambda: client().midjourney.imagine({"prompt": prompt(number), "model": "midjourney"}))
            wait(grid)
            done += 1
            wanted = {"parent_task_id": grid["id"], "index": "1"}
            wait(asked(lambda: client().midjourney.upscale_1x(wanted)))
            done += 1
        except Exception:  # noqa: BLE001 - it raises a bare Exception for a task that failed
            return done
        return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(chain, range(settings.chains)))


def _ours(settings: Settings) -> dict[str, Any]:
    speed = settings.speed
    plain, patience = Pace(), RetryPolicy()
    return {
        "pace": Pace(
            lag=plain.lag / speed, longest=plain.longest / speed, ahead=plain.ahead / speed, quiet=plain.quiet / speed
        ),
        "retry": RetryPolicy(first=patience.first / speed, longest=patience.longest / speed),
        "base_url": settings.base_url,
        "proxy": "",
    }


def by_journey(settings: Settings) -> int:
    """Run a graph with journey-async, whose defaults repeat what is safe."""

    async def main() -> int:
        graph = TaskGraph()
        for number in range(settings.chains):
            graph.upscale_1x(graph.imagine(prompt(number)), index=1)
        async with JourneyClient(settings.key, **_ours(settings)) as journey, journey.running(graph) as run:
            return sum([isinstance(event, NodeFinished) async for event in run])

    return asyncio.run(main())


def by_journey_calls(settings: Settings) -> int:
    """Run a gather of plain calls with journey-async, without a semaphore."""

    async def main() -> int:
        async with JourneyClient(settings.key, **_ours(settings)) as journey:

            async def chain(number: int) -> int:
                done = 0
                try:
                    grid = await journey.imagine(prompt(number))
                    await grid
                    done += 1
                    await (await journey.upscale_1x(grid, index=1))
                    done += 1
                except JourneyError:
                    pass
                return done

            return sum(await asyncio.gather(*(chain(number) for number in range(settings.chains))))

    return asyncio.run(main())


CONTESTANTS: Final[dict[str, Callable[[Settings], int]]] = {
    "journey-async, a graph": by_journey,
    "journey-async, calls": by_journey_calls,
    "apiframe-sdk, 25 threads": by_apiframe,
    "httpx by hand": by_httpx,
    "aiohttp by hand": by_aiohttp,
}


def _count_sockets(most: list[int]) -> None:
    while True:
        found = 0
        for file in Path("/proc/self/fd").iterdir():
            try:
                found += str(file.readlink()).startswith("socket:")
            except OSError:
                continue
        most[0] = max(most[0], found)
        time.sleep(0.05)


def main() -> None:
    """Run one program, and tell what it took."""
    logging.disable()
    run, settings = CONTESTANTS[sys.argv[1]], Settings(**json.loads(sys.argv[2]))
    most = [0]
    if sys.platform == "linux":
        threading.Thread(target=_count_sockets, args=(most,), daemon=True).start()
    before = resource.getrusage(resource.RUSAGE_SELF)
    began, worked = time.perf_counter(), time.process_time()
    results = run(settings)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "results": results,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - worked,
        "peak": (usage.ru_maxrss - before.ru_maxrss) / 1024,
        "sockets": most[0],
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
