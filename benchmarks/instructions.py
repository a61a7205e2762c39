"""How many instructions does the client add to a submission?

Counted by callgrind, which gives the same figure every time, over a transport that does nothing. What the client does
is compared with what nobody can do without: the body to JSON, the reply from JSON, and the id out of it.

    python benchmarks/instructions.py [--quick | --full]
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import anyio

from benchmarks.rows import Row, Size, exactly, report
from journey_async import JourneyClient, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

PROMPT: Final = "an elk in the fog --v 6"
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


async def bytecodes(count: int) -> int:
    """Count the steps of Python for so many submissions: to the digit, on any machine of this version of Python."""
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 - as sys.settrace has it
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    async with JourneyClient("japi_key", transport=StubTransport()) as journey:

        async def traced() -> None:
            for _ in range(count):
                await journey.imagine(PROMPT)

        await traced()
        sys.settrace(trace)
        try:
            await traced()
        finally:
            sys.settrace(None)
    return steps


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
    each = anyio.run(bytecodes, 100) / 100
    steps = Row(headline="steps of Python per submit (bytecodes, stub transport)", measured=exactly(round(each)))
    headline = "instructions added per submit (callgrind, stub transport)"
    if shutil.which("valgrind") is None or size == "quick":
        return [steps, Row(headline=headline, note="needs valgrind, and a minute")]
    few, many = COUNTS[size]
    counts = {way: (counted(way, many) - counted(way, few)) / (many - few) for way in WAYS}
    note = f"{counts['submit']:,.0f}, of which {counts['bare']:,.0f} are JSON and one call that waits for nothing"
    added = exactly(round(counts["submit"] - counts["bare"]))
    return [steps, Row(headline=headline, limit="> 0", goal=12_000, stretch=8_000, measured=added, note=note)]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        anyio.run(WAYS[sys.argv[2]], int(sys.argv[3]))
    else:
        report(__doc__, measure)
