"""How many instructions does the client add to a submission, and how many steps to what it is told about a task?

Counted by callgrind, which gives the same figure every time, over a transport that does nothing. What the client does
is compared with what nobody can do without: the body to JSON, the reply from JSON, and the id out of it.

    python benchmarks/instructions.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import shutil
import subprocess
import sys
from itertools import count as counting
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import anyio
from aiohttp import StreamReader
from aiohttp.test_utils import make_mocked_request

from benchmarks.rows import Row, Size, exactly, report
from journey_async import JourneyClient, Pace, Reply, Request, RetryPolicy, WebhookReceiver
from journey_async.core.agenda import BATCH
from journey_async.core.kinds import ImagineGrid
from journey_async.core.tasks import SUBMITTED, Unfinished
from journey_async.retry import Sender
from journey_async.waiting import Waiter
from journey_async.watch import Watch
from journey_async.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import FrameType

    from aiohttp import web

PROMPT: Final = "an elk in the fog --v 6"
ANSWERS: Final = 60
"""About each task that is followed."""
BATCHES: Final = 10
"""Of tasks, so that most of them are not studied."""
COUNTS: Final[Mapping[Size, tuple[int, int]]] = {"usual": (200, 1200), "full": (200, 2200)}
"""The difference between two runs is free of what starting costs, and of most of what the first calls cost."""


class StubTransport:
    """Gives a new task id for every body."""

    def __init__(self) -> None:
        self._given = 0

    def answer(self, body: bytes) -> bytes:
        """Give a reply's body."""
        assert body
        self._given += 1
        return b'{"task_id": "0123456789abcdef-%d"}' % self._given

    async def send(self, request: Request, /) -> Reply:
        """Give the reply."""
        return Reply(status=200, body=self.answer(request.encoded() or b""))


async def submit(count: int) -> None:
    """Submit through the client."""
    async with JourneyClient("japi_key", transport=StubTransport()) as journey:
        for _ in range(count):
            await journey.imagine(PROMPT)


async def bare(count: int) -> None:
    """Do what nobody can do without."""
    stub = StubTransport()

    async def send(body: bytes) -> bytes:
        return stub.answer(body)

    for _ in range(count):
        body = json.dumps({"prompt": PROMPT, "model": "midjourney"}).encode()
        assert json.loads(await send(body))["task_id"]


WAYS: Final = {"submit": submit, "bare": bare}


async def steps_of(work: Callable[[], Awaitable[None]]) -> int:
    """Count the steps of Python for *work*: to the digit, on any machine of this version of Python."""
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 - as sys.settrace has it
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    await work()
    sys.settrace(trace)
    try:
        await work()
    finally:
        sys.settrace(None)
    return steps


async def steps_per_submit() -> float:
    """Count the steps of Python for one submission."""
    async with JourneyClient("japi_key", transport=StubTransport()) as journey:

        async def work() -> None:
            for _ in range(100):
                await journey.imagine(PROMPT)

        return await steps_of(work) / 100


class _RisingTransport:
    """Tells of tasks that go on by 5 percent in every third answer."""

    def __init__(self) -> None:
        self._requests = 0

    async def send(self, request: Request, /) -> Reply:
        """Give the reply."""
        self._requests += 1
        answers = math.ceil(self._requests / BATCHES)
        told = {"status": "processing", "percentage": str(5 * (answers % ANSWERS // 3))}
        if answers % ANSWERS == 0:
            told = {"status": "failed", "error": "it was long enough"}
        asked: Any = request.body
        tasks = [{"task_id": name} | told for name in asked["task_ids"]]
        return Reply(status=200, body=json.dumps({"tasks": tasks}).encode())


async def steps_per_answer() -> float:
    """Count the steps of Python for what is said of one task: to ask, to read it, and to decide when to ask next."""
    # A second goes by whenever somebody looks, so that everybody is always due and nothing is waited for.
    sender = Sender(_RisingTransport(), RetryPolicy())
    watcher = Watcher(sender, Pace(longest=0.5), clock=counting(1).__next__)

    async def work() -> None:
        all_ended, follower, left = Waiter(), Waiter(), BATCHES * BATCH

        def ended(_: Watch) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                watcher.tell(all_ended)

        watcher.on_end = ended
        for number in range(BATCHES * BATCH):
            state = Unfinished(task_id=f"task-{number}", status=SUBMITTED, kind=ImagineGrid)
            watcher.join(watcher.watch(state, action="imagine"), follower)
        await watcher.wait(all_ended)

    return await steps_of(work) / (ANSWERS * BATCHES * BATCH)


class _Connection:
    """What a body of aiohttp.web comes from."""

    def resume_reading(self, **_: bool) -> None:
        """Do nothing."""


async def steps_per_delivery() -> float:
    """Count the steps of Python for a webhook: from aiohttp.web's request to its response, and who waits is told."""
    secret, count = "0123456789abcdef0123456789abcdef", 100
    receiver = WebhookReceiver(secret=secret, public_url="https://benchmark.example/journey", trust_bodies=True)
    four = [f"https://media.example/{place}.png" for place in range(4)]
    told: dict[str, object] = {"task_type": "imagine", "status": "finished", "percentage": "100"}
    told |= {"original_image_url": four[0], "image_urls": four}

    def request(name: str) -> web.Request:
        connection: Any = _Connection()
        body = StreamReader(connection, 2**16, loop=asyncio.get_running_loop())
        body.feed_data(json.dumps({"task_id": name} | told).encode())
        body.feed_eof()
        headers = {"Content-Type": "application/json", "x-webhook-secret": secret}
        return make_mocked_request("POST", f"/journey?intent={secret}", headers, payload=body)

    async with JourneyClient("japi_key", transport=StubTransport(), webhooks=receiver) as journey:
        watcher = journey._open().watcher  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - tasks without a submission
        waiter, watches = Waiter(), list[Watch]()
        for number in range(2 * count):
            state = Unfinished(task_id=f"task-{number}", status=SUBMITTED, kind=ImagineGrid)
            watches.append(watcher.watch(state, action="imagine"))
            watcher.join(watches[-1], waiter)
        requests = iter([request(watch.task_id) for watch in watches])

        async def work() -> None:
            for _ in range(count):
                await receiver.aiohttp_handler(next(requests))

        steps = await steps_of(work)
        assert all(watch.done for watch in watches)
        return steps / count


def counted(way: str, count: int) -> int:
    """Count the instructions of a whole process."""
    with TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        program = [sys.executable, __file__, "--run", way, str(count)]
        environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([*command, *program], env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found[1])


def measure(size: Size) -> list[Row]:
    """Count."""
    each, answer, delivery = map(anyio.run, (steps_per_submit, steps_per_answer, steps_per_delivery))
    steps = [
        Row(headline="steps of Python per submit (bytecodes, stub transport)", measured=exactly(round(each))),
        Row(headline="steps of Python per answer about one task of twenty", measured=exactly(round(answer))),
        Row(headline="steps of Python per webhook, from request to response", measured=exactly(round(delivery))),
    ]
    headline = "instructions added per submit (callgrind, stub transport)"
    if shutil.which("valgrind") is None or size == "quick":
        return [*steps, Row(headline=headline, note="needs valgrind, and a minute")]
    few, many = COUNTS[size]
    counts = {way: (counted(way, many) - counted(way, few)) / (many - few) for way in WAYS}
    note = f"{counts['submit']:,.0f}, of which {counts['bare']:,.0f} are JSON and one call that waits for nothing"
    added = exactly(round(counts["submit"] - counts["bare"]))
    return [*steps, Row(headline=headline, limit="> 0", goal=12_000, stretch=8_000, measured=added, note=note)]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        anyio.run(WAYS[sys.argv[2]], int(sys.argv[3]))
    else:
        report(__doc__, measure)
