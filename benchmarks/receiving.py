"""What does it cost to receive a webhook, check it and tell who waits, compared with a handler that does nothing?

Both are handlers of one aiohttp.web application in this process; another process posts deliveries over 64 connections.
Each delivery ends a task that is waited for, and is believed (`trust_bodies=True`): a question to the service would
measure something else. Its URL carries the id of an intent, as that of every submission does.

That a task is known and waited for belongs to its submission, and that its result is let go of to the caller: neither
is measured. A second row counts both.

    python benchmarks/receiving.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from typing import TYPE_CHECKING, Final

import anyio
from aiohttp import web

from benchmarks.paired import Comparison, compare
from benchmarks.rows import Row, Size, compared, report
from journey_async import JourneyClient, Reply, WebhookReceiver
from journey_async.core.kinds import ImagineGrid
from journey_async.core.tasks import SUBMITTED, Unfinished
from journey_async.waiting import Waiter
from journey_async.watch import shared_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async import Request
    from journey_async.watch import Watch

SECRET: Final = "0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody else listens
CONNECTIONS: Final = 64
BLOCK: Final = 512
ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 40, "full": 80}
INTENT: Final = "0123456789abcdef0123456789abcdef"
URL: Final = "https://media.example/pictures/0123456789abcdef0123456789abcdef/{}.png"


async def _silent(request: web.Request) -> web.Response:
    del request
    return web.Response()


class _NoTransport:
    """A service that is never asked, as every delivery is believed."""

    async def send(self, request: Request, /) -> Reply:
        """Refuse."""
        raise AssertionError(request)


def delivery(number: int) -> bytes:
    """Write what the service posts about a finished task."""
    four = [URL.format(place) for place in range(4)]
    told = {"task_id": f"task-{number}", "task_type": "imagine", "status": "finished", "percentage": "100"}
    body = json.dumps(told | {"original_image_url": four[0], "image_urls": four}).encode()
    head = (
        f"Host: benchmark.example\r\nContent-Type: application/json\r\nx-webhook-secret: {SECRET}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _post(port: int, path: str, numbers: range) -> None:
    """Post deliveries one after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        writer.write(b"POST %b?intent=%b HTTP/1.1\r\n%b" % (path.encode(), INTENT.encode(), delivery(number)))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()


async def load(port: int) -> None:
    """Post what the lines on standard input say: a path and the number of the first task."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        path, first = line.split()
        each = BLOCK // CONNECTIONS
        starts = range(int(first), int(first) + BLOCK, each)
        await asyncio.gather(*(_post(port, path, range(start, start + each)) for start in starts))
        print("done", flush=True)


async def _compare(rounds: int) -> tuple[Comparison, Comparison]:
    """Compare without what makes the tasks known, and with it."""
    receiver = WebhookReceiver(secret=SECRET, public_url="https://benchmark.example/journey", trust_bodies=True)
    app = web.Application()
    app.router.add_post("/silent", _silent)
    app.router.add_post("/journey", receiver.aiohttp_handler)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    command = [sys.executable, __file__, "--load", str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1)
    assert process.stdin is not None
    assert process.stdout is not None
    requests, replies = process.stdin, process.stdout
    numbers = count(step=BLOCK)

    async def post(path: str, first: int) -> None:
        requests.write(f"{path} {first}\n".encode())
        assert await replies.readline() == b"done\n"

    async with JourneyClient("japi_key", transport=_NoTransport(), webhooks=receiver) as journey:
        watcher = journey._open().watcher  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - tasks without a submission

        first = 0
        watches: list[Watch] = []

        def make_known() -> None:
            nonlocal first
            assert all(watch.done for watch in watches)
            watches.clear()
            first, waiter = next(numbers), Waiter()
            for number in range(first, first + BLOCK):
                state = Unfinished(task_id=f"task-{number}", status=SUBMITTED, kind=ImagineGrid)
                watches.append(watcher.watch(state, action="imagine"))
                watches[-1].terms = shared_terms("imagine", delivery_due=True)
                watcher.join(watches[-1], waiter)

        async def silent() -> None:
            await post("/silent", next(numbers))

        async def received() -> None:
            await post("/journey", first)

        async def known_and_received() -> None:
            make_known()
            await received()

        found = await compare(silent, received, rounds=rounds, before=make_known)
        in_all = await compare(silent, known_and_received, rounds=rounds // 2)
        assert all(watch.done for watch in watches)
    process.stdin.close()
    await process.wait()
    await runner.cleanup()
    return found, in_all


def measure(size: Size) -> list[Row]:
    """Compare."""
    found, in_all = anyio.run(_compare, ROUNDS[size])
    headline = "webhook + check + resolve / no-op aiohttp handler"
    note = "that the tasks are known and waited for is prepared, and counted in the next row"
    counted = "webhook + check + resolve, and what makes its task known and waited for / no-op aiohttp handler"
    return [
        compared(headline, found, goal=0.60, stretch=0.72, limit="0.75", note=note),
        compared(counted, in_all, goal=None, stretch=None, limit=""),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--load"]:
        asyncio.run(load(int(sys.argv[2])))
    else:
        report(__doc__, measure)
