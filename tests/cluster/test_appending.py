"""Whatever several workers write about one node, in whatever order: what is kept is one life."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.cluster.appending import doubts, fitting, life_of
from journey_async.core.history import Stage, fold
from journey_async.core.node import EXISTING
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
    encode,
)

NUMBER = 3
ABOVE = NodeDrawn(number=1, parent=None, table={"action": "imagine", "prompt": "an elk"})
DRAWN = NodeDrawn(number=NUMBER, parent=1, table={"action": "upscale-1x"})
EXISTS = NodeDrawn(number=NUMBER, parent=None, table={EXISTING: "known"})
BEGAN = RunBegan(at=0.0, version="1", slots=5, balance=9.0, keys={"1": "grid", "3": "tile"})
SENT = Intended(at=1.0, intent="i", number=NUMBER, parent="grid", credits=4)
ACCEPTED = Accepted(at=2.0, intent="i", task_id="a")
DOUBTED = Doubted(intent="i", why="cut")
ENDED = Ended(at=3.0, number=NUMBER, failed=False, task={"task_id": "a"})
FAILED = Ended(at=3.0, number=NUMBER, failed=True, task={"task_id": "a"})
GIVEN_UP = GivenUp(at=3.0, number=NUMBER, error={"message": "not found"})
RESUBMITTED = Settled(at=5.0, number=NUMBER, how="resubmitted")

TIMES = st.sampled_from([1.0, 2.0, 3.0])
INTENTS = st.sampled_from(["i", "j", "k"])
IDS = st.sampled_from(["a", "b"])
NEWS: st.SearchStrategy[Record] = st.one_of(
    st.builds(Intended, at=TIMES, intent=INTENTS, number=st.just(NUMBER), parent=st.just("grid"), credits=st.just(4)),
    st.builds(Accepted, at=TIMES, intent=INTENTS, task_id=IDS),
    st.builds(Returned, intent=INTENTS, why=st.just("429")),
    st.builds(Refused, at=TIMES, intent=INTENTS, error=st.just({"message": "no"})),
    st.builds(Doubted, intent=INTENTS, why=st.just("cut")),
    st.builds(IndexChosen, number=st.just(NUMBER), index=st.sampled_from([None, "1", "2"])),
    st.builds(Ended, at=TIMES, number=st.just(NUMBER), failed=st.booleans(), task=st.just({"task_id": "a"})),
    st.builds(GivenUp, at=TIMES, number=st.just(NUMBER), error=st.just({"message": "gone"})),
    st.builds(Settled, at=TIMES, number=st.just(NUMBER), how=st.just("adopted"), task_id=IDS),
    st.builds(Settled, at=TIMES, number=st.just(NUMBER), how=st.sampled_from(["resubmitted", "abandoned"])),
)
BATCHES = st.lists(st.lists(NEWS, min_size=1, max_size=5), max_size=8)
NODES = st.sampled_from([DRAWN, EXISTS])


def appended(node: NodeDrawn, batches: list[list[Record]]) -> list[Record]:
    """Keep what fits of each batch, as the database does."""
    known: list[Record] = [node]
    for news in batches:
        known += fitting(known, news)
    return known


@given(NODES, BATCHES)
def test_what_is_kept_always_follows_from_what_was_kept_before(node: NodeDrawn, batches: list[list[Record]]) -> None:
    known = appended(node, batches)
    whole = fold([ABOVE, *map(decode, map(encode, known))])
    _, life = life_of(known)
    assert whole.lives[NUMBER] == life


@given(NODES, BATCHES)
def test_of_one_node_there_are_never_two_open_intents(node: NodeDrawn, batches: list[list[Record]]) -> None:
    """One is open until it is answered, or until somebody decides what becomes of the doubt; then it stays closed."""
    still_open: str | None = None
    closed: set[str] = set()
    for record in appended(node, batches):
        match record:
            case Intended(intent=intent):
                assert still_open is None
                assert intent not in closed
                still_open = intent
            case Accepted(intent=intent) | Returned(intent=intent) | Refused(intent=intent):
                assert intent == still_open
                closed.add(intent)
                still_open = None
            case Settled() if still_open is not None:
                closed.add(still_open)
                still_open = None
            case _:
                pass


@given(NODES, BATCHES)
def test_what_was_kept_is_not_kept_a_second_time(node: NodeDrawn, batches: list[list[Record]]) -> None:
    """The reply to a transaction may be lost, and the worker writes the same again."""
    known = appended(node, batches)
    assert fitting(known, known[1:][-1:]) == []


@given(NODES, BATCHES, st.lists(NEWS, max_size=5))
def test_asking_what_fits_changes_nothing(node: NodeDrawn, batches: list[list[Record]], news: list[Record]) -> None:
    known = appended(node, batches)
    before = list(known)
    assert fitting(known, news) == fitting(known, news)
    assert known == before


LIVES: list[list[Record]] = [
    [SENT, ACCEPTED, ENDED],
    [SENT, ACCEPTED, GIVEN_UP],
    [SENT, DOUBTED],
    [SENT, Returned(intent="i", why="429")],
    [SENT, Refused(at=2.0, intent="i", error={"message": "no"})],
    [IndexChosen(number=NUMBER, index="2"), SENT, ACCEPTED, FAILED],
    [SENT, DOUBTED, RESUBMITTED],
    [SENT, ACCEPTED, FAILED, RESUBMITTED],
]


@pytest.mark.parametrize("life", LIVES)
def test_a_life_that_follows_is_kept_whole_and_once(life: list[Record]) -> None:
    assert fitting([DRAWN], life) == life
    assert fitting([DRAWN, *life], life) == []


def test_what_a_worker_says_late_of_a_request_that_was_taken_for_lost_is_an_adoption() -> None:
    """It looked dead, another one reported the doubt, and then the reply came after all."""
    adopted = Settled(at=2.0, number=NUMBER, how="adopted", task_id="a")
    known: list[Record] = [DRAWN, SENT, DOUBTED]
    assert fitting(known, [ACCEPTED, ENDED]) == [adopted, ENDED]
    _, life = life_of([*known, adopted])
    assert (life.stage, life.task_id, life.taken) == (Stage.ACCEPTED, "a", 4)
    assert fitting([*known, adopted], [ACCEPTED]) == [], "it is adopted once"


@pytest.mark.parametrize(
    "since",
    [
        [RESUBMITTED],
        [Settled(at=5.0, number=NUMBER, how="abandoned")],
        [Settled(at=5.0, number=NUMBER, how="adopted", task_id="b")],
        [RESUBMITTED, Intended(at=6.0, intent="j", number=NUMBER, parent="grid", credits=4)],
        [
            RESUBMITTED,
            Intended(at=6.0, intent="j", number=NUMBER, parent="grid", credits=4),
            Doubted(intent="j", why="cut"),
        ],
    ],
)
def test_what_comes_after_a_decision_about_the_doubt_is_dropped(since: list[Record]) -> None:
    """Also where a newer request of the node is in doubt: that one was not accepted with it."""
    assert fitting([DRAWN, SENT, DOUBTED, *since], [ACCEPTED]) == []


@pytest.mark.parametrize("first", [ENDED, FAILED])
@pytest.mark.parametrize("second", [ENDED, FAILED, Ended(at=9.0, number=NUMBER, failed=False, task={"task_id": "b"})])
def test_a_task_ends_once(first: Ended, second: Ended) -> None:
    assert fitting([DRAWN, SENT, ACCEPTED, first], [second]) == []
    assert fitting([EXISTS, first], [second]) == []


@given(NODES, BATCHES)
def test_only_a_mark_without_an_answer_is_a_doubt_that_nobody_reported(
    node: NodeDrawn, batches: list[list[Record]]
) -> None:
    """And it is reported once."""
    known = appended(node, batches)
    lasting = [record for record in known if not isinstance(record, GivenUp | IndexChosen)]
    _, life = life_of(known)
    doubt = doubts(life)
    if not isinstance(lasting[-1], Intended):
        assert doubt is None
        return
    assert doubt is not None
    assert doubt.intent == lasting[-1].intent
    assert fitting(known, [doubt]) == [doubt]
    _, reported = life_of([*known, doubt])
    assert doubts(reported) is None


def test_records_of_no_node_are_damage() -> None:
    wrong: list[list[Record]] = [[], [BEGAN], [SENT], [DRAWN, ENDED], [DRAWN, DRAWN]]
    for records in wrong:
        with pytest.raises(DamageError):
            life_of(records)


def test_that_nobody_chose_is_kept_a_second_time_after_the_node_was_to_be_tried_again() -> None:
    chose_none = IndexChosen(number=NUMBER, index=None)
    assert fitting([DRAWN, chose_none, RESUBMITTED], [chose_none]) == [chose_none]
