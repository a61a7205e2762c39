"""A run as bars, as lines and as JSON: every event can be shown in each way."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from journey_async import Spending, TaskGraph
from journey_async.cli.run_bars import RunBars
from journey_async.cli.run_counts import Counts
from journey_async.cli.run_display import run_display
from journey_async.cli.run_json import event_as_json
from journey_async.cli.run_texts import text_of
from journey_async.core.events import (
    Differences,
    Event,
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeProgressed,
    NodeSkipped,
    NodeSubmitted,
    RunPaused,
    RunPlanned,
    RunResumed,
    RunWaiting,
)
from journey_async.core.kinds import Description, Seed
from journey_async.core.node import Credits
from journey_async.core.tasks import Unfinished
from journey_async.errors import JourneyError, SubmissionInDoubtError
from journey_async.intent import Intent

GRAPH = TaskGraph()
ELK = GRAPH.imagine("an elk", key="elk")
TILE = GRAPH.upscale_1x(ELK, index=1, key="tile")
WORDS = GRAPH.describe("https://example.com/elk.png", key="words")
NUMBER = GRAPH.seed(ELK, key="number")
DOUBT = SubmissionInDoubtError(Intent(id="i1", action="imagine", path="/imagine", body={}), why="the reply was lost")
DESCRIBED = Description(task_id="2", content=("one", "two"))
EVENTS: dict[str, tuple[Event, str]] = {
    "planned": (
        RunPlanned(
            nodes=4,
            to_send=3,
            credits=Credits(4, 6),
            earlier=Spending(taken=2),
            differences=Differences(added=("tile",), removed=("x", "y")),
            balance=20.0,
            slots=None,
        ),
        (
            "planned     3 of 4 nodes to send for 4 to 6 of 20 credits, as many at once as the service takes\n"
            "changed     since the journal's last run: 1 new, 2 removed"
        ),
    ),
    "submitted": (
        NodeSubmitted(node=ELK, task_id="1", submitted_at=1.0),
        "submitted   elk                       imagine        task 1",
    ),
    "progressed": (
        NodeProgressed(node=ELK, task_id="1", task_state=Unfinished(task_id="1", status="processing", percentage=30)),
        "processing  elk                       imagine        30%",
    ),
    "finished": (
        NodeFinished(node=WORDS, task_id="2", result=DESCRIBED, submitted_at=1.0, ended_at=3.5),
        "finished    words                     describe       2.5 s",
    ),
    "finished, existing": (
        NodeFinished(node=NUMBER, task_id="3", result=Seed(task_id="3", seed="7"), ended_at=3.5),
        "finished    number                    seed",
    ),
    "failed": (
        NodeFailed(node=ELK, error=JourneyError("no\nluck"), ended_at=1.0),
        "failed      elk                       imagine        no luck",
    ),
    "skipped": (
        NodeSkipped(node=TILE, because=ELK, why="a node above it failed"),
        "skipped     tile                      upscale-1x     a node above it failed (elk)",
    ),
    "skipped, by itself": (
        NodeSkipped(node=TILE, because=TILE, why="nobody chose an index"),
        "skipped     tile                      upscale-1x     nobody chose an index",
    ),
    "in doubt": (
        NodeInDoubt(node=ELK, error=DOUBT),
        "in doubt    elk                       imagine        the reply was lost",
    ),
    "paused": (RunPaused(error=JourneyError("no credits")), "paused      nothing more is submitted: no credits"),
    "waiting": (RunWaiting(error=JourneyError("no reply")), "waiting     no reply"),
    "resumed": (RunResumed(), "resumed     the service accepts again"),
}


@pytest.mark.parametrize(("event", "text"), EVENTS.values(), ids=list(EVENTS))
def test_every_event_as_text(event: Event, text: str) -> None:
    """A person reads what happened, to which node, and why."""
    assert text_of(event) == text


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_as_json(name: str) -> None:
    """A program finds the name of the event, and of the node with its action and price."""
    event, _ = EVENTS[name]

    told = json.loads(json.dumps(event_as_json(event)))

    assert told["event"] == name.partition(",")[0]
    if isinstance(event, RunPaused | RunWaiting):
        assert list(told["error"]) == ["type", "message"]
    elif not isinstance(event, RunPlanned | RunResumed):
        assert told["node"] == event.node.key
        assert (told["action"], told["credits"]) == (event.node.name, event.node.credits)
    if isinstance(event, NodeFinished):
        assert told.get("content") == (["one", "two"] if event.node is WORDS else None)


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_in_a_pipe_each_event_is_told_as_it_comes(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is told, files included, and nothing twice."""
    with run_display(as_json=as_json) as display:
        for event, _ in EVENTS.values():
            display.tell(event)
            display.redraw()
        display.saved("elk", [Path("out/elk.png")])
        display.not_saved("tile", JourneyError("cut"))
        display.close()

    lines = capsys.readouterr().out.splitlines()
    if as_json:
        told = [json.loads(line) for line in lines]
        assert [each["event"] for each in told[:-2]] == [name.partition(",")[0] for name in EVENTS]
        assert told[-2:] == [
            {"event": "saved", "node": "elk", "files": ["out/elk.png"]},
            {"event": "not saved", "node": "tile", "error": {"type": "JourneyError", "message": "cut"}},
        ]
    else:
        assert "\n".join(lines[:-2]) == "\n".join(text for _, text in EVENTS.values())
        assert [" ".join(line.split()) for line in lines[-2:]] == ["saved elk out/elk.png", "not saved tile cut"]


def test_on_a_terminal_what_is_over_stays() -> None:
    """What goes on is drawn below, what has ended and what is wrong stays; after the end there are no bars."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100, height=24)
    bars = RunBars(console, Counts(0.0), clock=lambda: 1.0)
    for event, _ in EVENTS.values():
        bars.tell(event)
        bars.redraw()
    bars.saved("elk", [Path("out/elk.png")])
    bars.not_saved("tile", JourneyError("cut"))
    bars.redraw()
    bars.close()
    bars.redraw()

    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    for name in ("failed", "skipped", "in doubt", "paused", "waiting", "resumed", "finished"):
        assert EVENTS[name][1] in drawn
    assert EVENTS["submitted"][1] not in drawn
    assert "not saved  tile  cut" in drawn
    assert "1 file saved" in drawn
