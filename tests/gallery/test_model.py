"""What is shown of a run: its nodes with all that is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio.to_thread

from journey_async.core.events import Differences, NodeFailed, NodeFinished, NodeWaiting
from journey_async.core.kinds import Seed
from journey_async.core.outcome import Outcome
from journey_async.core.records import decode
from journey_async.core.spending import Spending
from journey_async.errors import BadRequestError, SubmissionInDoubtError
from journey_async.gallery.model import Show, show
from journey_async.graph import TaskGraph
from journey_async.intent import Intent
from journey_async.journal_file import read_journal_file
from journey_async.runs import read_journal
from tests.gallery.runs import FAULTS, NASTY, PROMPT, elk, ran
from tests.pictures import png

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.core.events import Row


async def shown(journal: Path) -> Show:
    outcome = await read_journal(journal)
    records = await anyio.to_thread.run_sync(read_journal_file, journal)
    return show(outcome, [decode(text) for text in records], title="elk")


def drawn(graph: TaskGraph) -> Show:
    """Show a graph of which nothing was sent."""
    rows = {node.key: NodeWaiting(node=node) for node in graph}
    return show(Outcome(rows=rows, spending=Spending(), differences=Differences()), [], title="drawn")


def parameters(show: Show, key: str) -> dict[str, str]:
    (entry,) = (entry for entry in show.entries if entry.key == key)
    return dict(entry.parameters)


async def test_every_node_is_shown_with_what_became_of_it(tmp_path: Path) -> None:
    """State, relations, tile, credits, seconds, task id and the reason for having no result."""
    outcome = await ran(elk(), tmp_path / "elk.db", faults=FAULTS)
    made = await shown(tmp_path / "elk.db")
    entries = {entry.key: entry for entry in made.entries}

    assert {key: entry.state for key, entry in entries.items()} == {
        "elk": "finished",
        "two": "finished",
        "left": "finished",
        "large": "finished",
        "again": "in doubt",
        "again-1": "waiting",
        "knight": "failed",
        "knight-1": "skipped",
        "nasty": "finished",
    }
    assert made.states == {"finished": 5, "waiting": 1, "failed": 1, "in doubt": 1, "skipped": 1}
    assert made.actions == {"imagine": 3, "pan": 1, "reroll": 1, "upscale-1x": 3, "upscale-alt": 1}
    two, grid = entries["two"], entries["elk"]
    assert (two.parent, two.tile, two.credits, two.action) == (grid.place, 2, 2, "upscale-1x")
    assert [made.entries[child].key for child in grid.children] == ["two", "again"]
    assert two.task_id == outcome.result(outcome["two"].node).task_id
    assert two.seconds is not None
    assert two.seconds >= 0
    assert entries["knight"].note == "Banned prompt: knight"
    assert entries["knight-1"].note == "a node above it failed: knight"
    assert entries["again"].note.startswith("It may or may not have been accepted and charged: ")
    assert entries["again-1"].note == "again above it is in doubt"
    assert [root.key for root in made.roots] == ["elk", "knight", "nasty"]
    assert made.over
    assert made.spending == outcome.spending


async def test_an_edit_is_shown_with_the_prompt_above_it(tmp_path: Path) -> None:
    """Searching for a prompt finds what was made from it."""
    await ran(elk(), tmp_path / "elk.db")
    entries = {entry.key: entry for entry in (await shown(tmp_path / "elk.db")).entries}

    assert [(entries[key].prompt, entries[key].own_prompt) for key in ("elk", "left", "nasty")] == [
        (PROMPT, True),
        (PROMPT, False),
        (NASTY, True),
    ]


async def test_text_results_are_shown_as_text(tmp_path: Path) -> None:
    """A description has four prompts and no picture."""
    graph = TaskGraph()
    graph.describe("https://example.com/elk.png?signature=canary", key="what")
    await ran(graph, tmp_path / "what.db")
    (entry,) = (await shown(tmp_path / "what.db")).entries

    assert len(entry.texts) == 4
    assert dict(entry.parameters) == {"image_url": "https://example.com/elk.png"}


def test_parameters_hold_no_secret_and_nothing_large() -> None:
    """Links lose their query, masks become a size, webhooks are left out."""
    graph = TaskGraph()
    hook: dict[str, Any] = {"webhook_url": "https://example.com/?token=canary", "webhook_secret": "canary"}
    urls = ["https://example.com/1.png?sig=canary", "https://user:canary@example.com/2.png"]
    graph.blend(urls, dimension="square", key="blend", **hook)
    upscaled = graph.existing("0" * 8, key="old")
    graph.pan(upscaled, direction="left", key="pan", extra={"note": "https://example.com/?canary", "deep": {"a": [1]}})
    graph.inpaint(upscaled, mask=png(64, 64), key="inpaint")
    shown = drawn(graph)

    assert parameters(shown, "inpaint") == {"mask": "a picture of 1 kB"}
    assert parameters(shown, "blend") == {
        "image_urls": "https://example.com/1.png, https://example.com/2.png",
        "dimension": "square",
    }
    assert parameters(shown, "pan") == {"direction": "left", "note": "https://example.com/", "deep": '{"a": [1]}'}
    assert shown.entries[1].task_id == "0" * 8


def test_a_graph_that_was_not_sent_is_shown_as_waiting() -> None:
    """No row needs a time, a result or a task id."""
    shown = drawn(elk())

    assert shown.states == {"waiting": 9}
    assert not shown.over
    assert shown.timeline.seconds == 0


def test_an_index_to_be_chosen_is_said_to_be_one() -> None:
    """A function has no text of its own that would tell a reader anything."""

    async def choose(_: object) -> int:
        return 2

    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk"), index=choose, key="chosen")

    assert parameters(drawn(graph), "chosen") == {"index": "chosen from the finished parent"}
    assert drawn(graph).entries[1].tile is None


def test_an_empty_journal_is_not_over() -> None:
    """A run may be about to begin."""
    empty = drawn(TaskGraph())

    assert empty.entries == ()
    assert not empty.over


def test_whatever_went_wrong_is_said() -> None:
    """A refusal, a request that was given up while in doubt, and a bug in the function that was to choose."""
    graph = TaskGraph()
    nodes = [graph.imagine("an elk", key=key) for key in ("refused", "given up", "bug", "empty")]
    intent = Intent(id="i", action="imagine", parent=None, path="/imagine", body={})
    errors = (
        BadRequestError("no such model", method="POST", path="/imagine", status=400),
        SubmissionInDoubtError(intent, why="the reply was cut"),
        ZeroDivisionError("division by zero"),
        KeyError(),
    )
    rows = {
        node.key: NodeFailed(node=node, error=error, ended_at=1.0) for node, error in zip(nodes, errors, strict=True)
    }
    made = show(Outcome(rows=rows, spending=Spending(), differences=Differences()), [], title="wrong")

    assert [entry.note for entry in made.entries] == [
        errors[0].message,
        "It was given up while in doubt: the reply was cut",
        "division by zero",
        "KeyError",
    ]
    assert made.entries[0].seconds is None


def test_a_seed_is_text_and_a_number_is_a_number() -> None:
    """Both as a reader expects them."""
    graph = TaskGraph()
    grid = graph.existing("0" * 8, key="old")
    seed = graph.seed(grid, key="seed", extra={"count": 3, "deep": True})
    rows: dict[str, Row] = {
        "old": NodeWaiting(node=grid),
        "seed": NodeFinished(node=seed, task_id="1", result=Seed(task_id="1", seed="77"), ended_at=2.0),
    }
    made = show(Outcome(rows=rows, spending=Spending(), differences=Differences()), [], title="seed")

    assert made.entries[1].texts == ("seed 77",)
    assert parameters(made, "seed") == {"count": "3", "deep": "true"}
