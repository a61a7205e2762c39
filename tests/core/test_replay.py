"""Whoever follows a run that others carry sees, record by record, what they see."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async import BadRequestError, NodeFailed, NodeInDoubt, TaskGraph
from journey_async.core.history import fold
from journey_async.core.matching import matched
from journey_async.core.records import (
    Accepted,
    DamageError,
    Doubted,
    Ended,
    GivenUp,
    IndexChosen,
    Intended,
    NodeDrawn,
    Record,
    Refused,
    Returned,
    RunBegan,
    Settled,
    decode,
)
from journey_async.core.replay import Replay
from journey_async.core.run_state import RunState
from journey_async.errors import TaskNotFoundError
from tests.core.lives import Life, failed, item
from tests.graph.accounts import told
from tests.graph.batches import batches
from tests.graph.simulation import Dice, Simulation
from tests.graph.test_simulation import crashes, dice, faults, run_to_an_end

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journey_async.core.events import Row
    from tests.graph.batches import Batch


async def choose(result: object) -> int:
    return 1


def graph() -> TaskGraph:
    """Two grids, and an upscaled tile of the first whose index is to be chosen, with a pan of that."""
    drawn = TaskGraph()
    grid = drawn.imagine("an elk", key="grid")
    drawn.pan(drawn.upscale_1x(grid, index=choose, key="tile"), direction="up", key="pan")
    drawn.imagine("a bear", key="bear")
    return drawn


class Pair:
    """A run, and one that follows it by its records alone."""

    def __init__(self) -> None:
        self.life = Life(graph())
        self.follower = Life(self.life.nodes, self.life.journal)
        self.replay = Replay(self.follower.state)
        self.replay.take_in([])
        self._read = len(self.life.journal)

    def catch_up(self) -> None:
        """Take in what is new, and see that both tell the same."""
        self.life.news()
        self.replay.take_in(map(decode, self.life.journal[self._read :]))
        self._read = len(self.life.journal)
        carried, followed = ([shown(row) for row in one.state.outcome()] for one in (self.life, self.follower))
        assert followed == carried
        assert self.follower.state.history.spending == self.life.state.history.spending


def shown(row: Any) -> dict[str, object]:
    """Give what a row tells, in values that can be compared."""
    told = {name: _plain(getattr(row, name)) for name in attrs.fields_dict(row.__class__)}
    return {**told, "state": row.state}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Exception) else getattr(value, "key", value)


def test_a_node_is_followed_from_its_intent_to_its_end() -> None:
    pair = Pair()
    place, intent = pair.life.send()
    pair.catch_up()
    pair.life.state.accepted(place, intent, "a", now=5.0)
    pair.catch_up()
    pair.life.state.ended(place, failed("a"), now=6.0)
    pair.catch_up()

    assert pair.follower.states() == ["failed", "skipped", "skipped", "waiting"]


def test_an_index_that_was_chosen_elsewhere_is_not_asked_for_here() -> None:
    pair = Pair()
    pair.life.finish("grid")
    pair.catch_up()
    [tile] = pair.life.state.take_choices()
    assert pair.follower.state.take_choices() == []
    pair.life.state.chosen(tile, 2, now=0.0)
    pair.life.finish("tile")
    pair.catch_up()

    assert pair.follower.states() == ["finished", "finished", "waiting", "waiting"]


def test_that_nobody_chose_is_followed_too() -> None:
    pair = Pair()
    pair.life.finish("grid")
    [tile] = pair.life.state.take_choices()
    pair.life.state.chosen(tile, None, now=0.0)
    pair.catch_up()

    assert pair.follower.states() == ["finished", "skipped", "skipped", "waiting"]


def adopted(life: Life, place: int) -> None:
    life.state.adopted(place, "found", now=7.0)


def resubmitted(life: Life, place: int) -> None:
    life.state.resubmitted(place, now=7.0)


def abandoned(life: Life, place: int) -> None:
    life.state.abandoned(place, now=7.0)


@pytest.mark.parametrize(("settle", "state"), [(adopted, "submitted"), (resubmitted, "waiting"), (abandoned, "failed")])
def test_a_doubt_and_what_was_decided_about_it_are_followed(settle: Callable[[Life, int], None], state: str) -> None:
    pair = Pair()
    place = pair.life.doubt("cut")
    pair.catch_up()
    row = pair.follower.state.row(place)
    assert isinstance(row, NodeInDoubt)
    assert row.error.why == "cut"
    settle(pair.life, place)
    pair.catch_up()

    assert pair.follower.state.row(place).state == state


def test_what_comes_back_is_refused_or_is_lost_is_followed() -> None:
    pair = Pair()
    place, intent = pair.life.send()
    pair.life.state.returned(place, intent, "held back by a 429")
    pair.catch_up()
    refused = pair.life.refuse(400)
    pair.catch_up()
    row = pair.follower.state.row(refused)
    assert isinstance(row, NodeFailed)
    assert type(row.error) is BadRequestError
    place = pair.life.accept("gone")
    gone = TaskNotFoundError("gone")
    pair.life.state.lost(place, gone, now=8.0)
    pair.catch_up()

    assert pair.follower.states() == ["failed", "skipped", "skipped", "failed"]


def test_nothing_is_left_to_start_for_who_only_follows() -> None:
    pair = Pair()
    assert pair.follower.take() is None
    pair.life.finish("grid")
    pair.catch_up()
    assert pair.follower.take() is None


def test_nodes_of_another_graph_are_kept_in_the_history_and_change_no_row() -> None:
    pair = Pair()
    drawn = NodeDrawn(number=9, parent=None, table={"action": "imagine", "prompt": "an owl"})
    pair.replay.take_in([drawn, RunBegan(at=1.0, version="1", slots=5, balance=9, keys={"9": "owl"})])
    pair.catch_up()

    assert 9 in pair.follower.state.history.lives
    assert pair.follower.states() == ["waiting"] * 4


def test_records_that_no_run_writes_are_damage() -> None:
    pair = Pair()
    place, intent = pair.life.send()
    pair.catch_up()
    number, task = pair.life.state.numbers[place], {"task_id": "a", "status": "processing"}
    going = Ended(at=9.0, number=number, failed=False, task=task)
    with pytest.raises(DamageError, match="the task of node grid has not ended"):
        pair.replay.take_in([Accepted(at=8.0, intent=intent, task_id="a"), going])
    with pytest.raises(DamageError, match="node grid is in doubt, and was not about to be sent"):
        pair.replay.take_in([Doubted(intent=intent, why="cut")])


def test_a_finished_task_is_read_as_the_service_told_it() -> None:
    pair = Pair()
    place = pair.life.accept("a")
    pair.catch_up()
    told = item(pair.life.nodes[place].kind, "a", percentage="100")
    pair.replay.take_in([Ended(at=9.0, number=pair.life.state.numbers[place], failed=False, task=told)])

    assert pair.follower.row(pair.life.nodes[place]).result.raw == told


# ---------------------------------------------------------------------------------------------------------------------
# Whole runs


class Followed(Simulation):
    """A run whose every life is followed by its records, which come late and in pieces of any size."""

    followed: RunState
    fate: Random

    def _begin(self) -> None:
        known = len(self.journal)
        super()._begin()
        history = fold(map(decode, self.journal[:known]))
        history.try_again()
        match = matched(self.nodes, history)
        for record in match.drawn:
            history.take(record)
        self.followed = RunState(self.nodes, match.numbers, history, match.differences)
        history.take(decode(self.journal[-1]))
        self.followed.take_submitted()
        self._replay = Replay(self.followed)
        self._late: list[str] = []
        self.catch_up()

    def _take_news(self) -> list[str]:
        news = super()._take_news()
        self._late += news
        if self.fate.random() < 0.5:
            self.catch_up()
        return news

    def catch_up(self) -> None:
        """Take in what is new, and see that both know the same."""
        while True:
            size = self.fate.randint(1, 4)
            piece, self._late = self._late[:size], self._late[size:]
            self._replay.take_in(map(decode, piece))
            if not self._late:
                break
        places = range(len(self.nodes))
        assert [said(self.followed.row(place)) for place in places] == [said(self.state.row(place)) for place in places]
        assert self.followed.history.spending == self.state.history.spending
        asked_about = sum(isinstance(self.state.row(place), NodeInDoubt) for place in self._deciding)
        assert self.followed.busy == self.state.ready + self.state.busy - asked_about
        assert self.followed.ready == 0


def said(row: Row) -> tuple[object, ...]:
    """Give what a row tells, of its error the text: the class is kept of refusals alone, and users' words are not."""
    if not isinstance(row, NodeFailed):
        return told(row)
    unkept = isinstance(row.error, LookupError)
    text = "the function that was to choose the index raised LookupError" if unkept else str(row.error)
    return row.state, row.task_id, text, row.submitted_at, row.ended_at


@given(batches(), dice(), faults(), crashes(), st.integers(0, 2**32))
def test_whatever_happens_to_a_run_who_follows_it_knows_the_same_after_each_batch(
    batch: Batch, dice: Dice, faults: list[str], crashes: list[int], fate: int
) -> None:
    """Its rows, what it cost and how much is on its way; so nothing is left to do where nothing is left there."""
    run = Followed(batch.world, list(batch.graph), dice, slots=batch.slots, now=batch.now)
    run.fate = Random(fate)
    run_to_an_end(run, faults, crashes)
    run.catch_up()
    assert run.followed.busy == 0 or run.state.paused


# ---------------------------------------------------------------------------------------------------------------------
# Records that no run writes

NUMBERS = st.integers(0, 5)
INTENTS = st.sampled_from(["i", "j", "unknown"])
TEXTS = st.sampled_from(["a", ""])
TIMES = st.floats(0, 100)
ERRORS = st.sampled_from([{}, {"message": "no"}, {"message": 7, "status": 400}])
TASKS = st.sampled_from([{"task_id": "a", "status": "failed", "error": "no"}, {"task_id": "a", "status": "queued"}])
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(Intended, at=TIMES, intent=INTENTS, number=NUMBERS, parent=st.none() | TEXTS, credits=st.just(4)),
    st.builds(Accepted, at=TIMES, intent=INTENTS, task_id=TEXTS),
    st.builds(Returned, intent=INTENTS, why=TEXTS),
    st.builds(Refused, at=TIMES, intent=INTENTS, error=ERRORS),
    st.builds(Doubted, intent=INTENTS, why=TEXTS),
    st.builds(IndexChosen, number=NUMBERS, index=st.none() | st.sampled_from(["1", "7", "strong", ""])),
    st.builds(Ended, at=TIMES, number=NUMBERS, failed=st.booleans(), task=TASKS),
    st.builds(GivenUp, at=TIMES, number=NUMBERS, error=ERRORS),
    st.builds(
        Settled,
        at=TIMES,
        number=NUMBERS,
        how=st.sampled_from(["adopted", "resubmitted", "abandoned"]),
        task_id=st.none() | TEXTS,
    ),
)


@given(st.lists(RECORDS, max_size=8))
def test_any_records_are_taken_in_or_are_damage(records: Sequence[Record]) -> None:
    replay = Pair().replay
    try:
        replay.take_in(records)
    except DamageError:
        assert records


@pytest.mark.parametrize("task", [{}, {"task_id": "a", "status": "finished"}])
def test_a_task_that_cannot_be_read_is_damage(task: dict[str, object]) -> None:
    """As it is for a run that goes on with such a journal."""
    pair = Pair()
    pair.life.accept("a")
    pair.catch_up()
    with pytest.raises(DamageError):
        pair.replay.take_in([Ended(at=1.0, number=pair.life.state.numbers[0], failed=False, task=task)])


@given(st.lists(RECORDS.filter(lambda record: getattr(record, "number", 4) > 3), max_size=6))
def test_whatever_is_recorded_of_other_nodes_changes_no_row(records: Sequence[Record]) -> None:
    """Numbers above 3 are of no node here; neither are intents that none of these nodes had."""
    pair = Pair()
    drawn = [NodeDrawn(number=number, parent=None, table={"action": "imagine"}) for number in (4, 5)]
    pair.replay.take_in(drawn)
    for record in records:
        try:
            pair.replay.take_in([record])
        except DamageError:
            continue
    assert [row.state for row in pair.follower.state.outcome()] == ["waiting"] * 4
    assert pair.follower.state.busy == 2
