"""What would one use instead, and what does it cost?

200 chains of an imagine and an upscale on a growth plan (25 tasks at once) against the same sandbox, each program of
`contestants.py` in a process of its own, in turn. The sandbox runs 20 times as fast as the service, and so do all
intervals: apiframe-sdk asks every 3 seconds (its default), the loops by hand every second, journey-async with its
defaults. Then again with one reply in fifty lost and one 502 in fifty: how many tasks were charged that the program
knows nothing of, and how many results are missing. Requests and charges are the sandbox's own count.

    python benchmarks/side_by_side.py [--quick | --full]
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, Any, Final

import anyio
from attrs import asdict, frozen

from benchmarks.contestants import CONTESTANTS, Settings
from benchmarks.rows import Row, Size, exactly, report
from journey_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHAINS: Final[Mapping[Size, int]] = {"quick": 10, "usual": 200, "full": 200}
SPEED: Final[Mapping[Size, float]] = {"quick": 100.0, "usual": 20.0, "full": 20.0}
FAULTS: Final = ("lost-reply:imagine:0.02", "lost-reply:upscale-1x:0.02", "http-502:*:0.02")


@frozen
class Figures:
    """What one program took and gave."""

    results: int
    seconds: float
    cpu: float
    peak: float
    sockets: int
    requests: int
    accepted: int


async def ran(name: str, size: Size, *, faults: Sequence[str], repeat: bool) -> Figures:
    """Run one program against a sandbox of its own with the same seed."""
    async with Sandbox(plan="growth", credits=10**6, speed=SPEED[size], faults=faults, seed=1) as sandbox:
        settings = Settings(
            base_url=sandbox.base_url, key=sandbox.api_key, chains=CHAINS[size], speed=SPEED[size], repeat=repeat
        )
        program = str(Path(__file__).parent / "contestants.py")
        command = [sys.executable, program, name, json.dumps(asdict(settings))]
        done = await anyio.run_process(command, stdout=PIPE, stderr=None)
        told: dict[str, Any] = json.loads(done.stdout)
        books = sandbox.ledger()
    return Figures(requests=sum(books["requests"].values()), accepted=books["accepted"], **told)


def _well(name: str, found: Figures, size: Size) -> Row:
    tasks = 2 * CHAINS[size]
    return Row(
        headline=f"{name}: seconds for {CHAINS[size]} chains",
        measured=exactly(round(found.seconds, 1)),
        note=(
            f"{found.results} of {tasks} results, {found.requests / tasks:.2f} requests/task, "
            f"{found.cpu:.2f} s of CPU, {found.peak:.0f} MB beyond its imports, {found.sockets} sockets at most"
        ),
    )


def _badly(name: str, found: Figures, size: Size, *, repeat: bool) -> list[Row]:
    how = "as it is" if name.startswith("journey") else "repeating all" if repeat else "repeating nothing"
    tasks, where = 2 * CHAINS[size], f"with faults, {name}, {how}"
    waste = found.accepted - found.results
    return [
        Row(
            headline=f"{where}: tasks charged without a result",
            measured=exactly(waste),
            note=f"{found.accepted} charged, {found.requests / tasks:.2f} requests/task, {found.seconds:.1f} s",
        ),
        Row(headline=f"{where}: results missing", measured=exactly(tasks - found.results)),
    ]


async def _measured(size: Size) -> list[Row]:
    present = [name for name in CONTESTANTS if "apiframe" not in name or importlib.util.find_spec("apiframe")]
    rows = [_well(name, await ran(name, size, faults=(), repeat=True), size) for name in present]
    for name in present:
        for repeat in (True,) if name.startswith("journey") else (True, False):
            rows += _badly(name, await ran(name, size, faults=FAULTS, repeat=repeat), size, repeat=repeat)
    if len(present) < len(CONTESTANTS):
        rows.append(Row(headline="apiframe-sdk, 25 threads", note="apiframe-sdk is not installed"))
    return rows


def measure(size: Size) -> list[Row]:
    """Run all of them."""
    return anyio.run(_measured, size)


if __name__ == "__main__":
    report(__doc__, measure)
