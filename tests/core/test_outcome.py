"""What came of a run."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from journey_async import TaskGraph
from journey_async.core.events import Differences
from journey_async.core.kinds import ImagineGrid
from journey_async.core.spending import Spending
from journey_async.errors import BadRequestError, InsufficientCreditsError, NoResultError, SubmissionInDoubtError
from tests.core.lives import Life, refusal


async def choose(result: object) -> int:
    return 1


def mixed() -> tuple[TaskGraph, Life]:
    """One node of each state, and more of some."""
    graph = TaskGraph()
    done = graph.imagine("done", key="done")
    for key in ("failed", "doubtful"):
        graph.reroll(graph.imagine(key, key=key), key=f"below {key}")
    graph.imagine("on its way", key="on its way")
    graph.upscale_1x(done, index=choose, key="nobody")
    graph.upscale_1x(done, index=choose, key="broken")
    graph.imagine("left", key="left")
    life = Life(graph)
    # Those with something below them go first.
    assert [life.finish("done"), life.refuse(), life.doubt(), life.accept("way")] == [0, 1, 3, 5]
    nobody, broken = life.state.take_choices()
    life.state.chosen(nobody, None, now=1.0)
    life.state.not_chosen(broken, LookupError("no good tile"), now=1.0)
    return graph, life


def test_every_node_has_one_row_in_drawing_order() -> None:
    graph, life = mixed()
    outcome = life.state.outcome()

    assert len(outcome) == len(graph) == 9
    assert [row.node for row in outcome] == list(graph)
    keys = {
        name: [row.node.key for row in getattr(outcome, name)]
        for name in ("finished", "failed", "skipped", "in_doubt", "submitted", "waiting")
    }
    assert keys == {
        "finished": ["done"],
        "failed": ["failed", "broken"],
        "skipped": ["below failed", "nobody"],
        "in_doubt": ["doubtful"],
        "submitted": ["on its way"],
        "waiting": ["below doubtful", "left"],
    }
    assert outcome["left"] is outcome[graph["left"]]
    assert outcome.spending == Spending(taken=8, in_doubt=4)
    assert outcome.differences == Differences()
    assert repr(outcome) == (
        "<Outcome of 9 nodes: 1 finished, 2 failed, 2 skipped, 1 in doubt, 1 submitted, 2 waiting; 8 credits>"
    )


def test_an_outcome_does_not_change_when_the_run_goes_on() -> None:
    _, life = mixed()
    outcome = life.state.outcome()
    life.accept()

    assert outcome["left"].state == "waiting"
    assert life.state.outcome()["left"].state == "submitted"


def test_the_result_of_a_node() -> None:
    graph, life = mixed()
    node: Any = graph["done"]

    assert isinstance(life.state.outcome().result(node), ImagineGrid)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("below failed", "node below failed was left out: a node above it failed (failed)"),
        ("nobody", "node nobody was left out: nobody chose an index"),
        ("on its way", "node on its way is on its way as task way"),
        ("below doubtful", "node below doubtful was not sent: doubtful above it is in doubt"),
        ("left", "node left was not sent"),
    ],
)
def test_a_node_without_a_result_says_why(key: str, message: str) -> None:
    graph, life = mixed()

    with pytest.raises(NoResultError) as caught:
        life.state.outcome().result(graph[key])

    assert str(caught.value) == message


def test_a_node_that_failed_raises_its_own_error_anew_each_time() -> None:
    """A traceback grows with every raise."""
    graph, life = mixed()
    outcome = life.state.outcome()
    lengths: list[int] = []
    for _ in range(3):
        with pytest.raises(BadRequestError, match="no") as caught:
            outcome.result(graph["failed"])
        lengths.append(len(traceback.extract_tb(caught.value.__traceback__)))

    assert len(set(lengths)) == 1
    assert life.row(graph["failed"]).error.__traceback__ is None
    with pytest.raises(SubmissionInDoubtError):
        outcome.result(graph["doubtful"])
    with pytest.raises(LookupError, match="no good tile"):
        outcome.result(graph["broken"])


def test_the_cause_of_an_error_comes_along() -> None:
    graph, life = mixed()
    cause = OSError("cut")
    row: Any = life.row(graph["doubtful"])
    row.error.__cause__ = cause

    with pytest.raises(SubmissionInDoubtError) as caught:
        life.state.outcome().result(graph["doubtful"])

    assert caught.value.__cause__ is cause
    with pytest.raises(ExceptionGroup) as group:
        life.state.outcome().raise_for_failures()
    assert cause in [error.__cause__ for error in group.value.exceptions]


def test_all_that_went_wrong_is_raised_on_request() -> None:
    _, life = mixed()
    poor = refusal(402)
    life.state.pauses(poor)
    outcome = life.state.outcome()

    for _ in range(2):
        with pytest.raises(ExceptionGroup, match="8 of 9 nodes have no result") as caught:
            outcome.raise_for_failures()

        errors = caught.value.exceptions
        assert [type(error) for error in errors] == [
            BadRequestError,
            LookupError,
            SubmissionInDoubtError,
            InsufficientCreditsError,
        ]
        notes = [getattr(error, "__notes__", []) for error in errors]
        assert notes == [["node failed"], [], ["node doubtful"], []]


def test_a_run_that_only_paused_raises_why() -> None:
    graph = TaskGraph()
    graph.imagine("an elk")
    life = Life(graph)
    life.state.pauses(refusal(402))

    with pytest.raises(ExceptionGroup, match="1 of 1 nodes have no result"):
        life.state.outcome().raise_for_failures()


def test_without_failures_nothing_is_raised() -> None:
    graph = TaskGraph()
    graph.imagine("an elk")
    life = Life(graph)
    life.state.outcome().raise_for_failures()
    assert not life.state.outcome().complete
    life.finish()

    assert life.state.outcome().complete
    life.state.outcome().raise_for_failures()


def test_a_run_is_complete_when_only_those_have_no_result_that_nobody_chose() -> None:
    graph = TaskGraph()
    graph.pan(graph.upscale_1x(graph.imagine("an elk"), index=choose), direction="up")
    life = Life(graph)
    life.finish()
    (place,) = life.state.take_choices()
    assert not life.state.outcome().complete
    life.state.chosen(place, None, now=1.0)

    assert life.state.outcome().complete


@pytest.mark.parametrize("how", ["accept", "refuse", "doubt"])
def test_a_run_is_not_complete_while_a_node_is(how: str) -> None:
    graph = TaskGraph()
    graph.imagine("an elk")
    life = Life(graph)
    getattr(life, how)()

    assert not life.state.outcome().complete


def test_an_empty_run() -> None:
    outcome = Life(TaskGraph()).state.outcome()

    assert outcome.complete
    assert repr(outcome) == "<Outcome of 0 nodes: none; 0 credits>"
