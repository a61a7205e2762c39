"""A run as a state machine: each thing that can happen, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import Credits, IllegalParentError, InvalidRequestError, Resubmit, TaskGraph
from journey_async.core.events import (
    FAILED_ABOVE,
    LEFT_OUT_ABOVE,
    NOBODY_CHOSE,
    NodeFailed,
    NodeFinished,
    NodeProgressed,
    NodeWaiting,
    RunPaused,
    RunResumed,
    RunWaiting,
)
from journey_async.core.history import fold
from journey_async.core.kinds import ImagineGrid, Picture, UpscaledPicture
from journey_async.core.records import DamageError, Ended, IndexChosen, Intended, NodeDrawn, decode, encode
from journey_async.core.revival import row_of
from journey_async.core.spending import Spending
from journey_async.core.tasks import Unfinished
from journey_async.errors import SubmissionInDoubtError, TaskFailedError, TaskNotFoundError
from journey_async.settling import settled
from tests.core.lives import Life, failed, finished, refusal

if TYPE_CHECKING:
    from journey_async import Node


async def choose(result: object) -> int:
    return 1


def tree() -> tuple[TaskGraph, Node[Any], Node[Any], Node[Any]]:
    """A grid, a tile of it, and a pan of that."""
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    tile = graph.upscale_1x(grid, index=2, key="tile")
    return graph, grid, tile, graph.pan(tile, direction="up", key="pan")


def with_choice(*, kind: Any = None) -> tuple[Life, Node[Any], Node[Any]]:
    """A node whose index is to be chosen, with one below it, whose parent has just finished."""
    graph = TaskGraph()
    above: Node[Any] = (
        graph.imagine("an elk", key="grid") if kind is None else graph.existing("task", kind=kind, key="grid")
    )
    chosen = graph.variations(above, index=choose, key="chosen")
    graph.reroll(graph.imagine("a bear", key="bear"), key="other")
    graph.upscale_1x(chosen, index=1, key="below")
    life = Life(graph)
    if kind is None:
        life.finish()
    else:
        life.state.ended(0, finished(kind), now=1.0)
    life.news()
    return life, chosen, life.nodes[4]


# ---------------------------------------------------------------------------------------------------------------------
# Sending


def test_a_node_goes_from_ready_to_sent_to_finished_and_lets_its_child_start() -> None:
    graph, grid, tile, _ = tree()
    life = Life(graph)
    assert (life.state.ready, life.state.busy) == (1, 0)

    place, intent = life.send()
    assert (life.state.ready, life.state.busy) == (0, 1)
    assert life.row(grid).state == "waiting"
    life.state.accepted(place, intent, "a", now=5.0)
    assert (life.row(grid).state, life.row(grid).task_id, life.row(grid).submitted_at) == ("submitted", "a", 5.0)
    life.state.ended(place, finished(ImagineGrid, "a"), now=9.0)

    row = life.row(grid)
    assert isinstance(row, NodeFinished)
    assert (row.task_id, row.submitted_at, row.ended_at, row.earlier) == ("a", 5.0, 9.0, False)
    assert life.told() == [("submitted", "grid"), ("finished", "grid")]
    assert (life.state.ready, life.state.busy) == (1, 0)
    assert life.take() is tile
    assert life.state.parent_result(1) is life.row(grid).result
    assert life.take() is None


def test_what_is_told_and_recorded_is_given_once() -> None:
    life = Life(tree()[0])
    life.accept()

    assert life.told() == [("submitted", "grid")]
    assert life.news() == []
    assert [type(decode(text)).__name__ for text in life.journal] == [
        *["NodeDrawn"] * 3,
        "RunBegan",
        "Intended",
        "Accepted",
    ]


def test_the_intent_is_recorded_with_its_price_and_the_task_of_the_parent() -> None:
    life = Life(tree()[0])
    life.finish("a task")
    life.send()
    life.news()

    record = decode(life.journal[-1])
    assert isinstance(record, Intended)
    assert (record.number, record.parent, record.credits) == (1, "a task", 2)


def test_what_was_returned_starts_anew_when_its_turn_comes() -> None:
    life = Life(tree()[0])
    place, intent = life.send()
    life.state.returned(place, intent, "429")

    assert life.told() == []
    assert (life.state.ready, life.state.busy, life.state.to_send) == (1, 0, 3)
    assert life.accept() == place


@pytest.mark.parametrize("how", ["refuse", "fail"])
def test_a_failure_leaves_out_what_is_below_it_and_nothing_else(how: str) -> None:
    graph, grid, tile, pan = tree()
    graph.imagine("a bear", key="bear")
    life = Life(graph)

    getattr(life, how)()

    assert life.states() == ["failed", "skipped", "skipped", "waiting"]
    assert [life.row(node).because for node in (tile, pan)] == [grid, grid]
    assert [life.row(node).why for node in (tile, pan)] == [FAILED_ABOVE, FAILED_ABOVE]
    assert life.told()[-3:] == [("failed", "grid"), ("skipped", "tile"), ("skipped", "pan")]
    assert life.state.busy == 0
    assert life.take() is life.nodes[3]


def test_a_refused_node_has_no_task_and_one_that_failed_has() -> None:
    graph = TaskGraph()
    refused, gone = graph.imagine("a"), graph.imagine("b")
    life = Life(graph)
    life.refuse()
    life.fail("b task")

    row = life.row(refused)
    assert isinstance(row, NodeFailed)
    assert (row.task_id, row.submitted_at, str(row.error)) == (None, None, "no")
    row = life.row(gone)
    assert isinstance(row.error, TaskFailedError)
    assert (row.task_id, row.submitted_at, row.error.action) == ("b task", life.now, "imagine")
    assert row.error.reason == "Content policy violation"


def test_progress_is_told_and_not_recorded() -> None:
    life = Life(tree()[0])
    place = life.accept()
    life.news()
    before = list(life.journal)
    state = Unfinished(task_id="task", status="processing", percentage=45)

    life.state.progressed(place, state)

    (event,) = life.news()
    assert isinstance(event, NodeProgressed)
    assert event.task_state is state
    assert life.journal == before
    assert life.row(life.nodes[0]).state == "submitted"


def test_a_lost_task_fails_in_this_run_and_is_asked_for_in_the_next() -> None:
    graph, grid, *_ = tree()
    life = Life(graph)
    life.state.lost(life.accept("a"), TaskNotFoundError("not found", task_id="a"), now=3.0)

    row = life.row(grid)
    assert (row.state, row.task_id, row.submitted_at, row.ended_at) == ("failed", "a", life.now, 3.0)
    assert life.states() == ["failed", "skipped", "skipped"]
    again = life.again()
    assert again.states() == ["submitted", "waiting", "waiting"]
    assert again.state.take_submitted() == [0]
    assert again.state.busy == 1


def test_a_journal_tells_of_a_lost_task_why_it_was_given_up_until_the_next_run_finds_it() -> None:
    life = Life(tree()[0])
    life.state.lost(life.accept("a"), TaskNotFoundError("not found", task_id="a"), now=3.0)
    life.news()

    history = fold(map(decode, life.journal))
    row = row_of(life.nodes[0], history.lives[0])
    assert isinstance(row, NodeFailed)
    assert (row.task_id, str(row.error), row.ended_at, row.earlier) == ("a", "not found", 3.0, True)
    again = life.again()
    again.state.ended(again.state.take_submitted()[0], finished(ImagineGrid, "a"), now=4.0)
    assert again.again().states() == ["finished", "waiting", "waiting"]


def test_a_lost_task_can_be_sent_again() -> None:
    life = Life(tree()[0])
    life.state.lost(life.accept("a"), TaskNotFoundError("not found", task_id="a"), now=3.0)
    life.news()
    history = fold(map(decode, life.journal))

    history.take(settled(history, life.nodes[0].key, Resubmit(), now=4.0))
    assert isinstance(row_of(life.nodes[0], history.lives[0]), NodeWaiting)
    assert history.spending.taken == life.nodes[0].credits


def test_a_task_that_is_let_go_stays_as_it_is() -> None:
    life = Life(tree()[0])
    place = life.accept()
    life.state.lets_go(place)

    assert life.state.busy == 0
    assert life.states() == ["submitted", "waiting", "waiting"]


# ---------------------------------------------------------------------------------------------------------------------
# Choosing


def test_a_choice_is_asked_for_once_its_parent_has_finished() -> None:
    life, chosen, _ = with_choice()
    assert life.state.busy == 1
    assert life.state.take_choices() == [1]
    assert life.state.take_choices() == []
    assert life.state.busy == 1

    life.state.chosen(1, 3, now=2.0)

    assert life.state.busy == 0
    life.news()
    assert decode(life.journal[-1]) == IndexChosen(number=1, index="3")
    assert life.take() is chosen
    assert life.state.action(1).body("a")["index"] == "3"


def test_nobody_chose() -> None:
    life, chosen, below = with_choice()
    life.state.take_choices()
    life.state.chosen(1, None, now=2.0)

    row = life.row(chosen)
    assert (row.state, row.because, row.why) == ("skipped", chosen, NOBODY_CHOSE)
    row = life.row(below)
    assert (row.state, row.because, row.why) == ("skipped", chosen, LEFT_OUT_ABOVE)
    assert life.state.busy == 0
    life.news()
    assert decode(life.journal[-1]) == IndexChosen(number=1, index=None)


def test_nobody_is_asked_again_about_a_choice_that_was_made() -> None:
    for index, expected in ((None, "skipped"), (3, "waiting")):
        life, chosen, below = with_choice()
        life.state.take_choices()
        life.state.chosen(1, index, now=2.0)

        again = life.again()

        assert again.state.take_choices() == []
        assert again.row(chosen).state == again.row(below).state == expected
        if index is None:
            assert (again.row(chosen).why, again.row(below).why) == (NOBODY_CHOSE, LEFT_OUT_ABOVE)
            assert [again.take(), again.take()] == [again.nodes[2], None]
        else:
            assert again.state.action(1).body("a")["index"] == "3"


@pytest.mark.parametrize("index", [0, 5, "", "elk", "strong", True, 1.5, [], object()])
def test_an_illegal_index_fails_the_node_and_is_asked_for_again_by_the_next_run(index: Any) -> None:
    life, chosen, below = with_choice()
    life.state.take_choices()
    life.state.chosen(1, index, now=2.0)

    assert isinstance(life.row(chosen).error, InvalidRequestError)
    assert (life.row(below).state, life.row(below).why) == ("skipped", FAILED_ABOVE)
    again = life.again()
    assert again.state.take_choices() == [1]


def test_an_index_is_judged_by_what_the_parent_turned_out_to_be() -> None:
    """Of a task that existed the graph knew nothing."""
    graph = TaskGraph()
    chosen = graph.variations(graph.existing("task"), index=choose)
    life = Life(graph)
    life.state.ended(0, finished(UpscaledPicture), now=1.0)
    life.state.take_choices()

    life.state.chosen(1, 1, now=2.0)

    assert isinstance(life.row(chosen).error, IllegalParentError)
    assert "index='strong'" in str(life.row(chosen).error)


def test_a_choice_that_raises_fails_the_node_with_what_it_raised() -> None:
    life, chosen, below = with_choice()
    life.state.take_choices()
    error = LookupError("no good tile")
    life.state.not_chosen(1, error, now=2.0)

    assert life.row(chosen).error is error
    assert life.row(below).state == "skipped"
    assert life.state.busy == 0
    assert life.again().state.take_choices() == [1]


@pytest.mark.parametrize("sent", [False, True])
def test_an_index_in_the_journal_that_is_none_is_damage(sent: bool) -> None:
    life, _, _ = with_choice()
    life.journal.append(encode(IndexChosen(number=1, index="9")))
    if sent:
        life.journal.append(encode(Intended(at=1.0, intent="x", number=1, parent="task", credits=4)))

    with pytest.raises(DamageError, match="chosen"):
        Life(life.nodes, life.journal)


# ---------------------------------------------------------------------------------------------------------------------
# Doubt


def test_a_node_in_doubt_holds_what_is_below_it() -> None:
    graph, grid, tile, pan = tree()
    graph.imagine("a bear", key="bear")
    life = Life(graph)
    life.doubt("cut")

    row = life.row(grid)
    assert isinstance(row.error, SubmissionInDoubtError)
    assert row.error.why == "cut"
    outcome = life.state.outcome()
    assert [row.state for row in outcome] == ["in doubt", "waiting", "waiting", "waiting"]
    assert [getattr(outcome[key], "held_by", None) for key in ("tile", "pan", "bear")] == [grid, grid, None]
    assert life.told() == [("in doubt", "grid")]
    assert life.state.history.spending == Spending(in_doubt=4)
    assert life.take() is life.nodes[3]
    assert life.state.busy == 1
    assert isinstance(life.row(tile), NodeWaiting)
    assert isinstance(life.row(pan), NodeWaiting)


def test_somebody_is_asked_once_about_each_doubt() -> None:
    life = Life(tree()[0])
    place = life.doubt()
    assert life.state.busy == 0

    assert life.state.take_doubts() == [place]
    assert life.state.busy == 1
    assert life.state.take_doubts() == []
    life.state.lets_go(place)
    assert life.state.busy == 0
    assert life.state.take_doubts() == []
    assert life.again().state.take_doubts() == [place]


def test_a_task_that_turned_up_is_followed() -> None:
    graph, grid, *_ = tree()
    life = Life(graph)
    place = life.doubt()
    life.state.take_doubts()

    life.state.adopted(place, "found", now=7.0)

    assert life.state.busy == 1
    assert (life.row(grid).state, life.row(grid).task_id) == ("submitted", "found")
    assert life.state.history.spending == Spending(taken=4)
    again = life.again()
    assert (again.row(grid).task_id, again.row(grid).submitted_at) == ("found", 7.0)
    life.state.ended(place, finished(ImagineGrid, "found"), now=8.0)
    assert (life.state.busy, life.state.ready) == (0, 1)


def test_a_doubt_may_be_settled_before_anybody_was_asked() -> None:
    """By news from the service."""
    graph, *_ = tree()
    graph.imagine("a bear")
    life = Life(graph)
    first, second = life.doubt(), life.doubt()
    life.state.adopted(first, "found", now=7.0)
    assert life.state.busy == 1
    life.state.resubmitted(second, now=7.0)

    assert life.doubt() == second
    assert life.state.take_doubts() == [second]


def test_who_has_it_sent_again_is_asked_again_should_it_be_in_doubt_again() -> None:
    life = Life(tree()[0])
    place = life.doubt()
    life.state.take_doubts()
    life.state.resubmitted(place, now=7.0)

    assert (life.state.busy, life.state.ready, life.states()) == (0, 1, ["waiting"] * 3)
    assert life.again().state.ready == 1
    assert life.doubt() == place
    assert life.state.take_doubts() == [place]
    assert life.state.history.spending == Spending(in_doubt=8)


def test_a_node_that_is_given_up_fails_with_its_doubt() -> None:
    graph, grid, tile, _ = tree()
    life = Life(graph)
    place = life.doubt("cut")
    life.state.take_doubts()
    life.state.abandoned(place, now=7.0)

    assert life.states() == ["failed", "skipped", "skipped"]
    assert life.row(grid).error.why == "cut"
    assert life.row(tile).because is grid
    assert life.state.busy == 0
    assert life.state.history.spending == Spending(in_doubt=4)
    again = life.again()
    assert str(again.row(grid).error) == str(life.row(grid).error)
    assert (again.row(grid).ended_at, again.row(grid).earlier) == (7.0, True)


# ---------------------------------------------------------------------------------------------------------------------
# Another life


def test_what_was_about_to_leave_is_in_doubt() -> None:
    graph, grid, *_ = tree()
    life = Life(graph)
    life.finish("a")
    _, intent = life.send()

    again = life.again()

    assert again.states() == ["finished", "in doubt", "waiting"]
    error = again.row(again.nodes[1]).error
    assert "no reply is recorded" in error.why
    assert (error.intent.id, error.intent.action, error.intent.path) == (intent, "upscale-1x", "/upscale-1x")
    assert (error.intent.parent, error.intent.body) == ("a", {"parent_task_id": "a", "index": "2"})
    assert again.state.ready == 0
    assert again.row(grid).earlier


def test_what_is_known_is_told_once_and_what_follows_from_it() -> None:
    graph, *_ = tree()
    graph.reroll(graph.imagine("a bear", key="bear"), key="reroll")
    life = Life(graph)
    life.fail()
    life.finish()

    again = life.again()

    assert again.told() == [("failed", "grid"), ("skipped", "tile"), ("skipped", "pan"), ("finished", "bear")]
    assert again.take() is again.nodes[4]


def test_a_new_node_below_a_failure_of_an_earlier_run_is_left_out() -> None:
    graph, *_ = tree()
    life = Life(graph)
    life.fail()
    more, *_ = tree()
    more.reroll(more["grid"], key="new")

    again = life.again(more)

    assert again.match.differences.added == ("new",)
    assert (again.row(more["new"]).state, again.row(more["new"]).because) == ("skipped", more["grid"])


def test_a_task_in_the_journal_that_cannot_be_read_or_has_not_ended_is_damage() -> None:
    for task in ({"task_id": "a", "status": "finished"}, {"task_id": "a", "status": "starting"}, {}):
        life = Life(tree()[0])
        life.accept("a")
        life.news()
        life.journal.append(encode(Ended(at=1.0, number=0, failed=False, task=task)))
        with pytest.raises(DamageError, match="grid"):
            Life(life.nodes, life.journal)


# ---------------------------------------------------------------------------------------------------------------------
# Tasks that exist already


def test_a_task_that_exists_is_followed_and_costs_nothing() -> None:
    graph = TaskGraph()
    old = graph.existing("old", kind=ImagineGrid, key="old")
    graph.upscale_1x(old, index=1, key="tile")
    life = Life(graph)

    assert life.states() == ["submitted", "waiting"]
    assert life.state.ready == 0
    assert life.state.take_submitted() == [0]
    life.state.ended(0, finished(ImagineGrid, "old"), now=2.0)
    assert life.state.busy == 0
    assert life.row(old).submitted_at is None
    assert life.state.ready == 1
    assert life.state.history.spending == Spending()
    again = life.again()
    assert again.states() == ["finished", "waiting"]
    assert again.state.take_submitted() == []


def test_a_task_of_unknown_kind_is_judged_once_it_is_known() -> None:
    graph = TaskGraph()
    old = graph.existing("old", key="old")
    wrong = graph.pan(old, direction="up", key="wrong")
    graph.upscale_1x(wrong, index=1, key="below")
    right = graph.reroll(old, key="right")
    life = Life(graph)

    life.state.ended(0, finished(ImagineGrid, "old", task_type="imagine", model="midjourney"), now=2.0)

    row = life.row(wrong)
    assert isinstance(row.error, IllegalParentError)
    assert (row.ended_at, row.error.parent) == (2.0, "old")
    assert life.row(graph["below"]).because is wrong
    assert life.take() is right
    again = life.again()
    assert again.states() == life.states()
    assert again.row(wrong).ended_at == 2.0


def test_a_task_that_existed_and_failed() -> None:
    graph = TaskGraph()
    old = graph.existing("old", kind=Picture)
    life = Life(graph)
    life.state.ended(0, failed("old"), now=2.0)

    assert life.row(old).error.action == "existing"
    assert life.row(old).task_id == "old"
    assert str(life.again().row(old).error) == str(life.row(old).error)


# ---------------------------------------------------------------------------------------------------------------------
# Money, and the run as a whole


def test_what_is_left_to_pay() -> None:
    life, _, _ = with_choice()
    assert life.state.to_pay == Credits(8, 14)
    assert life.state.to_send == 4

    life.state.take_choices()
    life.state.chosen(1, 1, now=2.0)
    assert life.state.to_pay == Credits(14, 14)
    assert life.doubt() == 1
    assert life.state.to_pay == Credits(8, 10)
    assert life.refuse() == 2
    assert life.state.to_pay == Credits(0, 2)
    assert life.state.to_send == 1


def test_a_run_waits_pauses_and_goes_on() -> None:
    life = Life(tree()[0])
    state, busy, poor = life.state, refusal(429), refusal(402)

    state.waits(busy)
    state.waits(refusal(429))
    assert (state.paused, state.trouble) == (False, busy)
    assert state.outcome().paused is None
    state.pauses(poor)
    state.pauses(refusal(402))
    state.waits(busy)
    assert (state.paused, state.trouble) == (True, poor)
    assert state.outcome().paused is poor
    life.accept()
    assert (state.paused, state.trouble) == (False, None)
    assert [type(event) for event in life.news()][:2] == [RunWaiting, RunPaused]


def test_a_run_that_is_accepted_again_says_so_once() -> None:
    life = Life(tree()[0])
    life.state.goes_on()
    assert life.news() == []
    life.state.pauses(refusal(402))
    life.state.tries_again()
    assert not life.state.paused
    assert life.state.outcome().paused is None
    life.finish()
    life.finish()

    events = life.news()
    assert [type(event) for event in events if isinstance(event, RunPaused | RunResumed)] == [RunPaused, RunResumed]


def test_children_are_told() -> None:
    graph, grid, tile, _ = tree()
    life = Life(graph)

    assert life.state.children(life.place(grid)) == (tile,)
    assert life.state.children(2) == ()


def test_each_node_that_the_journal_did_not_know_gets_a_number_of_its_own() -> None:
    life = Life(tree()[0])
    changed = TaskGraph()
    changed.imagine("a bear")
    again = life.again(changed)

    assert again.state.numbers == (3,)
    assert [record.number for record in map(decode, again.journal) if isinstance(record, NodeDrawn)] == [0, 1, 2, 3]
