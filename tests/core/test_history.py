"""What the records of a journal come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.history import Stage, Unchosen, fold
from journey_async.core.records import (
    Accepted,
    DamageError,
    Doubted,
    Ended,
    IndexChosen,
    Intended,
    NodeDrawn,
    Record,
    Refused,
    Returned,
    RunBegan,
    Settled,
)
from journey_async.core.spending import Spending
from tests.core.test_records import records

if TYPE_CHECKING:
    from collections.abc import Sequence

TASK = "5500"
NODE = NodeDrawn(number=0, parent=None, table={"action": "imagine", "prompt": "an elk"})
CHILD = NodeDrawn(number=1, parent=0, table={"action": "reroll"})
EXISTING = NodeDrawn(number=0, parent=None, table={"existing": TASK})


def began(**keys: str) -> RunBegan:
    numbered = {name.removeprefix("n"): key for name, key in keys.items()}
    return RunBegan(at=1.0, version="1", slots=5, balance=100.0, keys=numbered)


def sent(intent: str = "a", *, number: int = 0) -> Intended:
    return Intended(at=2.0, intent=intent, number=number, parent=None, credits=4)


def accepted(intent: str = "a") -> Accepted:
    return Accepted(at=3.0, intent=intent, task_id=f"task {intent}")


def doubted(intent: str = "a") -> Doubted:
    return Doubted(intent=intent, why="cut")


def ended(*, failed: bool = False) -> Ended:
    return Ended(at=4.0, number=0, failed=failed, task={})


def settled(how: Literal["adopted", "resubmitted", "abandoned"], task_id: str | None = None) -> Settled:
    return Settled(at=5.0, number=0, how=how, task_id=task_id)


RETURNED = Returned(intent="a", why="429")
REFUSED = Refused(at=3.0, intent="a", error={"message": "no"})
CHOSEN = IndexChosen(number=0, index="3")
ADOPTED = settled("adopted", "task a")

LIVES: list[tuple[Sequence[Record], Stage, Spending]] = [
    ([], Stage.NEW, Spending()),
    ([sent()], Stage.INTENDED, Spending(in_doubt=4)),
    ([sent(), RETURNED], Stage.NEW, Spending()),
    ([sent(), REFUSED], Stage.REFUSED, Spending()),
    ([sent(), accepted()], Stage.ACCEPTED, Spending(taken=4)),
    ([sent(), accepted(), ended()], Stage.ENDED, Spending(taken=4)),
    ([sent(), accepted(), ended(failed=True)], Stage.ENDED, Spending(taken=4, given_back=4)),
    ([sent(), doubted()], Stage.IN_DOUBT, Spending(in_doubt=4)),
    ([sent(), doubted(), ADOPTED], Stage.ACCEPTED, Spending(taken=4)),
    ([sent(), ADOPTED], Stage.ACCEPTED, Spending(taken=4)),
    ([sent(), doubted(), ADOPTED, ended(failed=True)], Stage.ENDED, Spending(taken=4, given_back=4)),
    ([sent(), doubted(), settled("abandoned")], Stage.ABANDONED, Spending(in_doubt=4)),
    ([sent(), settled("abandoned"), settled("resubmitted")], Stage.NEW, Spending(in_doubt=4)),
    ([sent(), doubted(), settled("resubmitted")], Stage.NEW, Spending(in_doubt=4)),
    ([sent(), settled("resubmitted"), sent("b")], Stage.INTENDED, Spending(in_doubt=8)),
    ([sent(), settled("resubmitted"), sent("b"), accepted("b")], Stage.ACCEPTED, Spending(taken=4, in_doubt=4)),
    ([sent(), REFUSED, settled("resubmitted")], Stage.NEW, Spending()),
    (
        [sent(), accepted(), ended(failed=True), settled("resubmitted"), sent("b"), accepted("b"), ended()],
        Stage.ENDED,
        Spending(taken=8, given_back=4),
    ),
    ([sent(), RETURNED, sent("b"), accepted("b")], Stage.ACCEPTED, Spending(taken=4)),
    ([CHOSEN, sent(), accepted()], Stage.ACCEPTED, Spending(taken=4)),
]


@pytest.mark.parametrize(("life", "stage", "spending"), LIVES)
def test_a_node_is_as_far_as_its_records_say_and_cost_what_they_say(
    life: Sequence[Record], stage: Stage, spending: Spending
) -> None:
    history = fold([NODE, began(n0="elk"), *life])

    assert history.lives[0].stage is stage
    assert history.lives[0].in_doubt is (stage in {Stage.INTENDED, Stage.IN_DOUBT})
    assert history.spending == spending
    assert history.spending.spent == spending.taken - spending.given_back


def test_the_books_hold_every_node_also_those_that_are_no_longer_in_the_graph() -> None:
    other = NodeDrawn(number=7, parent=None, table={})
    history = fold([NODE, other, began(n0="a", n7="b"), sent(), accepted(), sent("b", number=7), began(n0="a")])

    assert history.spending == Spending(taken=4, in_doubt=4)
    assert history.keys == {0: "a"}


def test_all_that_is_known_of_a_node_is_kept() -> None:
    task = {"task_id": "task a", "status": "finished"}
    life = fold(
        [NODE, began(n0="elk"), CHOSEN, sent(), accepted(), Ended(at=4.0, number=0, failed=False, task=task)]
    ).lives[0]

    assert (life.number, life.parent, life.key, life.table) == (0, None, "elk", NODE.table)
    assert (life.index, life.intent, life.task_id) == ("3", sent(), "task a")
    assert (life.submitted_at, life.ended_at, life.failed, life.task) == (3.0, 4.0, False, task)


def test_the_newest_run_gives_the_keys_and_their_order() -> None:
    history = fold(
        [NODE, CHILD, began(n0="a", n1="b"), NodeDrawn(number=2, parent=None, table={}), began(n2="a", n0="c", n1="b")]
    )

    assert list(history.keys.items()) == [(2, "a"), (0, "c"), (1, "b")]
    assert [life.key for life in history.lives.values()] == ["c", "b", "a"]


def test_who_sends_a_node_again_that_nobody_chose_has_it_chosen_again() -> None:
    nobody = IndexChosen(number=0, index=None)

    assert fold([NODE, nobody]).lives[0].index is None
    assert fold([NODE, nobody, settled("resubmitted")]).lives[0].index is Unchosen.UNCHOSEN
    assert fold([NODE, CHOSEN, sent(), settled("resubmitted")]).lives[0].index == "3"


def test_the_reason_for_an_earlier_doubt_is_forgotten_when_the_next_request_leaves() -> None:
    life = fold([NODE, sent(), doubted(), settled("resubmitted"), sent("b")]).lives[0]

    assert life.why == ""


@pytest.mark.parametrize(
    ("life", "sending"),
    [
        ([], False),
        ([sent()], True),
        ([sent(), doubted()], False),
        ([sent(), accepted()], False),
        ([sent(), settled("abandoned")], False),
        ([sent(), began(n0="elk")], False),
        ([sent(), began(n0="elk"), settled("resubmitted"), sent("b")], True),
    ],
)
def test_an_answer_may_come_to_what_was_marked_until_another_run_begins(life: Sequence[Record], sending: bool) -> None:
    assert fold([NODE, began(n0="elk"), *life]).sending is sending


DAMAGED: list[Sequence[Record]] = [
    [CHILD],
    [NODE, NODE],
    [NodeDrawn(number=0, parent=0, table={})],
    [began(n0="a")],
    [NODE, began(elk="a")],
    [NODE, CHILD, began(n0="a", n1="a")],
    [NODE, CHILD, began(n1="b")],
    [NODE, CHILD, began(n1="b", n0="a")],
    [CHOSEN],
    [NODE, CHOSEN, CHOSEN],
    [NODE, sent(), CHOSEN],
    [sent()],
    [NODE, sent(), sent("b")],
    [NODE, sent(), RETURNED, sent()],
    [NODE, sent(), accepted(), sent("b")],
    [NODE, sent(), REFUSED, sent("b")],
    [NODE, sent(), doubted(), sent("b")],
    [NODE, sent(), accepted(), ended(), sent("b")],
    [NODE, accepted()],
    [NODE, sent(), accepted(), accepted()],
    [NODE, sent(), doubted(), accepted()],
    [NODE, sent(), accepted(), doubted()],
    [NODE, sent(), accepted(), REFUSED],
    [NODE, sent(), RETURNED, sent("b"), accepted("a")],
    [NODE, ended()],
    [NODE, sent(), ended()],
    [NODE, sent(), accepted(), ended(), ended()],
    [EXISTING, ended(), ended()],
    [NODE, settled("resubmitted")],
    [NODE, settled("abandoned")],
    [NODE, ADOPTED],
    [NODE, sent(), settled("adopted")],
    [NODE, sent(), accepted(), ADOPTED],
    [NODE, sent(), accepted(), settled("resubmitted")],
    [NODE, sent(), accepted(), ended(), settled("resubmitted")],
    [NODE, sent(), REFUSED, settled("abandoned")],
    [NODE, sent(), REFUSED, ADOPTED],
]


@pytest.mark.parametrize("life", DAMAGED)
def test_records_in_an_order_in_which_no_run_writes_them_are_damage(life: Sequence[Record]) -> None:
    """Above all: nothing is sent that was sent already."""
    _ = fold(life[:-1])
    with pytest.raises(DamageError, match="does not follow"):
        fold(life)


def test_a_task_that_existed_ends_without_having_been_sent() -> None:
    history = fold([EXISTING, Ended(at=4.0, number=0, failed=True, task={})])

    assert history.lives[0].stage is Stage.ENDED
    assert history.spending == Spending()


@given(st.lists(records(), max_size=8))
def test_any_records_give_a_history_or_damage(given: list[Record]) -> None:
    try:
        history = fold(given)
    except DamageError:
        return
    assert history.keys.keys() <= history.lives.keys()


STEPS: list[Record] = [
    *(
        NODE,
        CHILD,
        EXISTING,
        began(n0="a"),
        began(n0="a", n1="b"),
        CHOSEN,
        sent(),
        sent("b"),
        accepted(),
        accepted("b"),
    ),
    *(RETURNED, REFUSED, doubted(), ended(), ended(failed=True), ADOPTED, settled("resubmitted"), settled("abandoned")),
]


@given(st.data())
def test_the_books_balance_after_any_records_that_runs_write(data: st.DataObject) -> None:
    """A walk of legal steps: nothing is given back that was not taken, and nothing is in doubt that was not sent."""
    history, taken_in = fold([NODE]), list[Record]([NODE])
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=40)):
        try:
            history = fold([*taken_in, step])
        except DamageError:
            continue
        taken_in.append(step)
        spending = history.spending
        sent_in_all = sum(record.credits for record in taken_in if isinstance(record, Intended))
        assert 0 <= spending.given_back <= spending.taken
        assert spending.in_doubt >= 0
        assert spending.taken + spending.in_doubt <= sent_in_all
