"""What has to hold after a simulated run: between its outcome, its journal and the world's books."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from journey_async.core.events import NodeFailed, NodeFinished, NodeInDoubt, NodeSkipped, NodeSubmitted, NodeWaiting
from journey_async.core.history import Stage, fold
from journey_async.core.matching import matched
from journey_async.core.records import (
    Accepted,
    Ended,
    GivenUp,
    Intended,
    Refused,
    Returned,
    RunBegan,
    Settled,
    decode,
)
from journey_async.core.run_state import RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.core.events import Row
    from journey_async.core.outcome import Outcome
    from journey_async.core.records import Record
    from journey_async.sandbox import Ledger
    from tests.graph.simulation import Simulation

Told: TypeAlias = tuple[object, ...]


def every_node_is_accounted_for(run: Simulation) -> None:
    """Each node has one row, and nothing is left without a reason."""
    outcome = run.state.outcome()
    assert [row.node.key for row in outcome] == [node.key for node in run.nodes]
    parts = (outcome.finished, outcome.failed, outcome.skipped, outcome.in_doubt, outcome.submitted, outcome.waiting)
    assert sum(map(len, parts)) == len(outcome)
    assert not outcome.submitted, "nothing is left on its way"
    for row in outcome.waiting:
        held = row.held_by is not None and isinstance(outcome[row.held_by], NodeInDoubt)
        assert held or outcome.paused is not None
    for left_out in outcome.skipped:
        because = outcome[left_out.because]
        assert because is left_out or isinstance(because, NodeFailed | NodeSkipped)
    _each_is_told_once(run, outcome)


def _each_is_told_once(run: Simulation, outcome: Outcome) -> None:
    ends = Counter(id(event) for event in run.events if isinstance(event, NodeFinished | NodeFailed | NodeSkipped))
    assert set(ends) == {id(row) for row in (*outcome.finished, *outcome.failed, *outcome.skipped)}
    assert set(ends.values()) <= {1}


def every_credit_is_accounted_for(run: Simulation, before: Ledger) -> None:
    """What the journal says was spent is what the world took, but for requests that are in doubt to this day."""
    ledger, spending = run.world.ledger(run.now), run.state.history.spending
    refunded = {charge["task_id"] for charge in ledger["charges"] if charge["refunded"]}
    records = [decode(text) for text in run.journal]
    adopted = {record.task_id for record in records if isinstance(record, Settled)} - {None}
    known = adopted | {record.task_id for record in records if isinstance(record, Accepted)}
    answered = {record.intent for record in records if isinstance(record, Accepted | Returned | Refused)}
    open_intents = [
        record
        for record in records
        if isinstance(record, Intended)
        and record.intent not in answered
        and not (record.intent in run.told and run.told[record.intent].task_id in adopted)
    ]
    unheard = {
        intent: told for intent, told in run.told.items() if told.task_id is not None and told.task_id not in known
    }
    assert unheard.keys() <= {sent.intent for sent in open_intents}
    assert spending.in_doubt == sum(sent.credits for sent in open_intents)
    assert ledger["charged"] - before["charged"] == spending.taken + sum(told.credits for told in unheard.values())
    given_back = spending.given_back + sum(told.credits for told in unheard.values() if told.task_id in refunded)
    assert ledger["refunded"] - before["refunded"] == given_back + _of_those_given_up(records, ledger, before)
    charged = {charge["task_id"] for charge in ledger["charges"]} - {charge["task_id"] for charge in before["charges"]}
    assert charged == {told.task_id for told in run.told.values()} - {None}


def _of_those_given_up(records: Sequence[Record], ledger: Ledger, before: Ledger) -> int:
    """Give the credits that came back for tasks that were lost, and whose nodes were then sent again."""
    numbers = {record.intent: record.number for record in records if isinstance(record, Intended)}
    nodes = {record.task_id: numbers[record.intent] for record in records if isinstance(record, Accepted)}
    nodes |= {record.task_id: record.number for record in records if isinstance(record, Settled) and record.task_id}
    ended = {record.task.get("task_id") for record in records if isinstance(record, Ended)}
    given_up = {record.number for record in records if isinstance(record, GivenUp)}
    again = {record.number for record in records if isinstance(record, Settled) and record.how == "resubmitted"}
    earlier = {charge["task_id"] for charge in before["charges"]}
    lost = [
        charge
        for charge in ledger["charges"]
        if charge["refunded"] and charge["task_id"] in nodes and charge["task_id"] not in ended | earlier
    ]
    assert {nodes[charge["task_id"]] for charge in lost} <= given_up & again
    return sum(charge["credits"] for charge in lost)


def nothing_is_sent_twice(run: Simulation) -> None:
    """A node is accepted once, and once more each time that somebody had it sent again."""
    records = [decode(text) for text in run.journal]
    numbers = {record.intent: record.number for record in records if isinstance(record, Intended)}
    assert set(run.told) <= set(numbers), "nothing leaves that the journal does not know"
    accepted = Counter(numbers[intent] for intent, told in run.told.items() if told.task_id is not None)
    again = Counter(record.number for record in records if isinstance(record, Settled) and record.how == "resubmitted")
    assert all(times <= 1 + again[number] for number, times in accepted.items())


def another_life_begins_where_this_one_ended(run: Simulation) -> None:
    """The journal tells all that the outcome tells; what was given up has the gist of its error, and is tried again."""
    read = revived_from(run, run.journal)
    begun = revived_from(run, run.journal, again=True)
    lives = run.state.history.lives
    tried: set[str] = set()
    choices: list[int] = []
    for place, node in enumerate(run.nodes):
        row, life = run.state.row(place), lives[run.state.numbers[place]]
        if life.given_up is None:
            assert told(row) == told(read.row(place))
        else:
            assert isinstance(row, NodeFailed)
            kept = read.row(place)
            assert isinstance(kept, NodeFailed)
            assert (kept.task_id, kept.submitted_at, kept.ended_at) == (row.task_id, row.submitted_at, row.ended_at)
        if life.given_up is not None or (node.parent is not None and node.parent.key in tried):
            assert isinstance(begun.row(place), NodeWaiting | NodeSubmitted)
            tried.add(node.key)
            if life.given_up is not None and isinstance(begun.row(place), NodeWaiting):
                assert node.choice is not None
                assert life.stage is Stage.NEW
                choices.append(place)
        else:
            assert told(row) == told(begun.row(place))
    assert [place for place in begun.take_choices() if run.nodes[place].key in tried] == choices
    assert run.state.history.spending == read.history.spending == begun.history.spending


def revived_from(run: Simulation, journal: Sequence[str], *, again: bool = False) -> RunState:
    """Read the records of a journal; or begin *again* with them."""
    history = fold(map(decode, journal))
    if again:
        history.try_again()
    match = matched(run.nodes, history)
    for record in match.drawn:
        history.take(record)
    return RunState(run.nodes, match.numbers, history, match.differences)


def told(row: Row) -> Told:
    """Tell all that a row says, to compare it."""
    match row:
        case NodeFinished():
            return row.state, row.task_id, row.result, row.result.raw, row.submitted_at, row.ended_at
        case NodeFailed():
            return row.state, row.task_id, str(row.error), type(row.error), row.submitted_at, row.ended_at
        case NodeSkipped():
            return row.state, row.because.key, row.why
        case NodeInDoubt():
            return row.state, str(row.error), row.error.intent, row.error.intent.body
        case NodeSubmitted():
            return row.state, row.task_id, row.submitted_at
        case NodeWaiting():
            return (row.state,)


def every_prefix_is_consistent(run: Simulation) -> None:
    """A process may die after any record: what was accepted is not sent again, what was not answered is in doubt."""
    records = [decode(text) for text in run.journal]
    for length in range(len(records) + 1):
        state = revived_from(run, run.journal[:length])
        rows = {number: state.row(place) for place, number in enumerate(state.numbers)}
        expected = _expected(records[:length])
        assert all(rows[number].state in expected[number] for number in expected if number in rows)
        ready = {state.take() for _ in range(state.ready)}
        assert all(isinstance(state.row(place), NodeWaiting) for place in ready if place is not None)


def _expected(records: Sequence[Record]) -> dict[int, set[str]]:  # noqa: C901, PLR0912 - one case per kind of record
    """Tell what the row of each node may be that was ever sent, by the last record about it alone."""
    numbers = {record.intent: record.number for record in records if isinstance(record, Intended)}
    expected: dict[int, set[str]] = {}
    given_up: dict[int, set[str] | None] = {}
    for record in records:
        match record:
            case RunBegan():
                # What was given up is tried again.
                for number, earlier in given_up.items():
                    if earlier is None:
                        expected.pop(number, None)
                    elif expected.get(number) == {"failed"}:
                        expected[number] = earlier
                given_up.clear()
            case GivenUp(number=number):
                given_up[number] = expected.get(number)
                expected[number] = {"failed"}
            case Intended(number=number):
                expected[number] = {"in doubt"}
            case Accepted(intent=intent):
                expected[numbers[intent]] = {"submitted"}
            case Returned(intent=intent):
                expected[numbers[intent]] = {"waiting"}
            case Refused(intent=intent):
                expected[numbers[intent]] = {"failed"}
            case Ended(number=number, failed=failed):
                expected[number] = {"failed"} if failed else {"finished"}
            case Settled(number=number, how=how):
                expected[number] = {{"adopted": "submitted", "resubmitted": "waiting", "abandoned": "failed"}[how]}
            case _:
                pass
    return expected
