"""The numbers of a run, counted from its events."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from journey_async import JourneyClient, Pace, RunPaused, RunPlanned, RunResumed, Spending, TaskGraph
from journey_async.cli.run_bars import RunBars
from journey_async.cli.run_counts import Counts, duration, seconds_left
from journey_async.core.events import Differences, NodeProgressed, NodeSubmitted
from journey_async.core.node import Credits
from journey_async.core.tasks import Unfinished
from journey_async.errors import JourneyError
from journey_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

QUICK = Pace(lag=0.01, longest=0.05, ahead=0.02)


def elk() -> TaskGraph:
    """Draw a grid, its four tiles and a pan of each: 28 credits."""
    graph = TaskGraph()
    grid = graph.imagine("an elk")
    for index in (1, 2, 3, 4):
        graph.pan(graph.upscale_1x(grid, index=index), direction="left")
    return graph


@pytest.mark.parametrize(
    "faults", [(), ("task-failed:upscale-1x:2",), ("lost-reply:upscale-1x:1", "task-failed:pan:1")]
)
async def test_they_agree_with_the_outcome(faults: Sequence[str], tmp_path: Path) -> None:
    """Whatever happens, and over two runs of one journal, the sums are those of the outcome."""
    async with (
        Sandbox(task_seconds=0.02, faults=faults) as box,
        JourneyClient(box.api_key, base_url=box.base_url, pace=QUICK, proxy="") as client,
    ):
        for _ in range(2):
            counts = Counts(0.0)
            async with client.running(elk(), journal=tmp_path / "elk.db") as run:
                counts.begin(run.outcome, 0.0)
                async for event in run:
                    counts.take(event, 1.0)
            outcome = run.outcome

            assert counts.spent == outcome.spending.spent
            assert counts.nodes == len(outcome) == 9
            assert not counts.moving
            for state, rows in (
                ("finished", outcome.finished),
                ("failed", outcome.failed),
                ("skipped", outcome.skipped),
                ("in doubt", outcome.in_doubt),
            ):
                assert counts.states[state] == len(rows)


def planned(nodes: int) -> RunPlanned:
    """Tell of a run of so many nodes."""
    return RunPlanned(
        nodes=nodes,
        to_send=nodes,
        credits=Credits(4 * nodes, 4 * nodes),
        earlier=Spending(),
        differences=Differences(),
        balance=1000.0,
        slots=None,
    )


def drawn(bars: RunBars, *, height: int) -> list[str]:
    """Give the lines of the live part."""
    console = Console(file=io.StringIO(), width=80, height=height)
    console.print(bars.drawn())
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("height", [3, 10, 24])
def test_many_nodes_leave_room_for_the_sums(height: int) -> None:
    """However many nodes are on their way, the live part is not higher than the screen, and says what it leaves out."""
    graph = TaskGraph()
    nodes = [graph.imagine("elk", key=f"an elk with a very long name, number {number}") for number in range(50)]
    counts = Counts(0.0)
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=height)
    bars = RunBars(console, counts, clock=lambda: 10.0)
    counts.take(planned(50), 0.0)
    for node in nodes:
        counts.take(NodeSubmitted(node=node, task_id=node.key, submitted_at=0.0), 0.0)
    state = Unfinished(task_id="x", status="processing", percentage=50)
    counts.take(NodeProgressed(node=nodes[7], task_id="x", task_state=state), 10.0)
    counts.take(RunPaused(error=JourneyError("the key is \x1b refused")), 10.0)

    lines = drawn(bars, height=height)

    assert len(lines) <= max(height, 6)
    assert max(map(len, lines)) <= 80
    assert "50% 0:10 left" in lines[0]
    shown = len([line for line in lines if line.startswith("  an elk")])
    assert f"  and {50 - shown} more on their way" in lines
    assert lines[-2] == "slots 50 in use, credits 200 of 200 spent"
    assert lines[-1] == r"  the key is \x1b refused"
    counts.take(RunResumed(), 11.0)
    assert drawn(bars, height=height)[-1] == lines[-2]
    bars.close()


def test_time() -> None:
    """Times are written like those of a stopwatch; what cannot be known is not guessed."""
    assert [duration(seconds) for seconds in (0, 7.4, 59.6, 725, 3723)] == ["0:00", "0:07", "1:00", "12:05", "1:02:03"]
    assert seconds_left(50, 10) == 10
    assert seconds_left(0, 10) is None
    assert seconds_left(4, 10) is None
    assert seconds_left(100, 10) is None
    assert Counts(0.0).seconds_left(10) is None
