"""The example of a batch, as a process of its own: it goes on where it was, and buys nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.processes import PATIENCE, ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from journey_async.testing import RunningSandbox

BATCH: Final = str(ROOT / "examples" / "batch.py")
ROWS: Final = "name,prompt\nelk,a majestic elk\nfox,a fox | in the snow\n"
PRICE: Final = 2 * (4 + 2)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Start programs that Ctrl-C stops, though the tests themselves may have been started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of two prompts."""
    path = tmp_path / "animals.csv"
    path.write_text(ROWS)
    return path


def started(sandbox: RunningSandbox, rows: Path, *options: str) -> subprocess.Popen[str]:
    """Start the example."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, BATCH, rows.name, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=rows.parent,
        env=environment(JOURNEY_BASE_URL=sandbox.base_url, JOURNEY_API_KEY=sandbox.api_key),
    )


def ran(sandbox: RunningSandbox, rows: Path, *options: str) -> tuple[int | None, str, str]:
    """Run the example to its end; give its exit code and what it said."""
    with started(sandbox, rows, *options) as process:
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err


def test_the_second_time_costs_nothing(journey_sandbox: RunningSandbox, rows: Path) -> None:
    """And changes no file."""
    code, _, err = ran(journey_sandbox, rows, "--budget", str(PRICE))
    assert (code, err) == (0, "")
    pictures = {path.name: path.read_bytes() for path in (rows.parent / "animals").iterdir()}
    report = rows.with_suffix(".md").read_text()

    code, out, err = ran(journey_sandbox, rows, "--budget", str(PRICE))

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "0 of 4 nodes to send for 0 credits",
        f"<Outcome of 4 nodes: 4 finished; {PRICE} credits>",
    ]
    assert {path.name: path.read_bytes() for path in (rows.parent / "animals").iterdir()} == pictures
    assert rows.with_suffix(".md").read_text() == report
    assert journey_sandbox.ledger()["charged"] == PRICE


def test_it_leaves_pictures_and_a_report(journey_sandbox: RunningSandbox, rows: Path) -> None:
    """A picture per row, named after it."""
    ran(journey_sandbox, rows)

    pictures = sorted((rows.parent / "animals").iterdir())
    assert [path.read_bytes()[:4] for path in pictures] == [b"\x89PNG"] * 2
    assert rows.with_suffix(".md").read_text().splitlines() == [
        "| node | state | credits | |",
        "|---|---|---|---|",
        "| elk/grid | finished | 4 |  |",
        f"| elk/picture | finished | 2 | {pictures[0].relative_to(rows.parent)} |",
        "| fox/grid | finished | 4 |  |",
        f"| fox/picture | finished | 2 | {pictures[1].relative_to(rows.parent)} |",
        "",
        f"{PRICE} credits spent, 0 in doubt.",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for one process")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.journey_sandbox(task_seconds=1.0)
def test_after_ctrl_c_it_goes_on(journey_sandbox: RunningSandbox, rows: Path) -> None:
    """What was bought before is not bought again."""
    with started(journey_sandbox, rows) as process:
        assert process.stdout is not None
        while "finished" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "stopped: run it again to go on\n")

    code, out, _ = ran(journey_sandbox, rows)

    assert (code, out.splitlines()[-1]) == (0, f"<Outcome of 4 nodes: 4 finished; {PRICE} credits>")
    assert journey_sandbox.ledger()["charged"] == PRICE


@pytest.mark.journey_sandbox(faults=["task-failed:upscale-1x:1"])
def test_it_tells_what_failed(journey_sandbox: RunningSandbox, rows: Path) -> None:
    """By its exit code and in the report."""
    code, _, err = ran(journey_sandbox, rows)

    assert (code, err) == (1, "")
    (line,) = (line for line in rows.with_suffix(".md").read_text().splitlines() if "failed" in line)
    assert "/picture | failed | 2 | upscale-1x task" in line


def test_what_it_cannot_afford_it_does_not_begin(journey_sandbox: RunningSandbox, rows: Path) -> None:
    """It says why."""
    code, _, err = ran(journey_sandbox, rows, "--budget", "5")

    assert code == 1
    assert err.startswith("the budget is 5 credits")
    assert journey_sandbox.ledger()["charged"] == 0
