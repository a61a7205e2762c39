"""What comes before the first paid request of a run: its journal is read, its graph compared, looked up and priced.

And where goes what happens from then on: into the journal, and to who listens.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from anyio import to_thread

from journey_async.core import wire
from journey_async.core.events import Differences, NodeSubmitted
from journey_async.core.history import fold
from journey_async.core.kinds import Kind, Result
from journey_async.core.matching import Match, graph_in, matched
from journey_async.core.node import illegal_below
from journey_async.core.reading import read_account
from journey_async.core.records import DamageError, RunBegan, decode
from journey_async.core.run_state import RunState
from journey_async.core.tasks import Unfinished
from journey_async.errors import (
    ApiError,
    Fault,
    InvalidRequestError,
    JournalError,
    UnaffordableError,
)
from journey_async.fetching import fetched
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from journey_async.core.history import History
    from journey_async.core.node import Node
    from journey_async.core.records import Record
    from journey_async.core.tasks import Account, TaskState
    from journey_async.retry import Sender

T = TypeVar("T")
BATCH: Final = 20
"""Ids that one `/fetch-many` takes."""


@frozen(kw_only=True)
class Plan:
    """A run that can begin."""

    state: RunState
    differences: Differences
    records: tuple[Record, ...]
    """The nodes that the journal did not know."""


def check_options(*, budget: object, in_flight: object) -> None:
    """Check what a run is told. Raises `InvalidRequestError` with all faults."""
    faults: list[Fault] = []
    if budget is not None and (not isinstance(budget, int | float) or isinstance(budget, bool) or not budget >= 0):
        message = "budget must be a number of credits, 0 or more, or None for no budget"
        faults.append(Fault(argument="budget", value=budget, message=message))
    if in_flight is not None and (not isinstance(in_flight, int) or isinstance(in_flight, bool) or in_flight < 1):
        message = "in_flight must be a number of tasks at once, 1 or more, or None for what the plan allows"
        faults.append(Fault(argument="in_flight", value=in_flight, message=message))
    if faults:
        raise InvalidRequestError("run", faults)


async def plan(
    graph: Iterable[Node[Any]] | None,
    records: Sequence[str],
    *,
    file: str,
    to_send: bool = True,
    functions_elsewhere: bool = False,
) -> Plan:
    """Compare *graph* with what the journal *file* holds; without one its own graph goes on.

    With *functions_elsewhere* those that choose indexes are known to whoever sends the nodes.

    Raises `JournalError` for a damaged journal, and for one's own graph, if it is *to_send*, `GraphFileError` that
    names the nodes which cannot be sent without the program that drew them.
    """
    nodes = None if graph is None else tuple(graph)

    def planned() -> Plan:
        history = _history(records)
        if to_send:
            history.try_again()
        if nodes is None:
            if to_send and not history.keys:
                raise JournalError(file, "it holds no graph: nothing is to be resumed")
            own = tuple(graph_in(history, file=file, to_send=to_send and not functions_elsewhere))
            match = Match(numbers=tuple(history.keys), drawn=(), differences=Differences())
            return _plan(own, match, history)
        return _plan(nodes, matched(nodes, history), history)

    return await _in_thread(planned, file)


async def read_history(records: Sequence[str], *, file: str) -> History:
    """Give what the records of a journal come to. Raises `JournalError` for damaged ones."""
    return await _in_thread(lambda: _history(records), file)


def _history(records: Iterable[str]) -> History:
    return fold(map(decode, records))


def _plan(nodes: Sequence[Node[Any]], match: Match, history: History) -> Plan:
    for record in match.drawn:
        history.take(record)
    state = RunState(nodes, match.numbers, history, match.differences)
    return Plan(state=state, differences=match.differences, records=match.drawn)


async def _in_thread(work: Callable[[], T], file: str) -> T:
    """Do what takes a while for a long journal without stopping the loop."""
    try:
        return await to_thread.run_sync(work)
    except DamageError as error:
        raise JournalError(file, f"it is damaged: {error}") from error


# ---------------------------------------------------------------------------------------------------------------------
# Tasks that exist already


async def look_up(sender: Sender, state: RunState, *, now: float) -> None:
    """Ask how the tasks are doing that the graph begins with, before anything is paid.

    Raises `InvalidRequestError` with everything that is wrong: unknown ids, and nodes that cannot follow what they are.
    """
    wanted: defaultdict[str, list[int]] = defaultdict(list)
    for place, node in enumerate(state.nodes):
        if node.task_id is not None and isinstance(state.row(place), NodeSubmitted):
            wanted[node.task_id].append(place)
    ids = tuple(wanted)
    faults: list[Fault] = []
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        answers = await fetched(sender.ask, batch, {})
        for task_id in batch:
            for place in wanted[task_id]:
                faults += _taken_in(state, place, answers.get(task_id), now=now)
    if faults:
        raise InvalidRequestError("run", faults)


def _taken_in(
    state: RunState, place: int, answer: TaskState[Result] | ApiError | None, *, now: float
) -> Iterable[Fault]:
    node = state.nodes[place]
    if isinstance(answer, ApiError):
        raise answer
    if answer is None:
        message = f"the task of node {node.key} is not known to the service: it does not exist or is another account's"
        return [Fault(argument="task_id", value=node.task_id, message=message)]
    kind: Kind = answer.kind
    if Result not in {kind, node.kind} and not issubclass(kind, node.kind):
        message = f"the task of node {node.key} is {kind.__name__}, not {node.kind.__name__}: correct its kind"
        return [Fault(argument="kind", value=node.kind.__name__, message=message)]
    if not isinstance(answer, Unfinished):
        state.ended(place, answer, now=now)
    if kind is Result:
        return []
    below = (illegal_below(child, kind) for child in state.children(place))
    return [fault for illegal in below if illegal is not None for fault in illegal.faults]


# ---------------------------------------------------------------------------------------------------------------------
# Money


async def ask_account(sender: Sender) -> Account:
    """Ask for the balance and the plan."""
    return await sender.ask(wire.ACCOUNT, read_account)


def afford(state: RunState, *, balance: float, budget: float | None) -> None:
    """Check that what is left of a run can be paid for. Raises `UnaffordableError`.

    The *budget* covers all runs of a journal, requests in doubt included, and the most that choices may cost. The
    *balance* must cover the least: beyond that a run pauses.
    """
    left, earlier = state.to_pay, state.history.spending
    gone = earlier.spent + earlier.in_doubt
    # Where nothing is left to send there is nothing to refuse, however much is gone.
    if budget is not None and left.most > max(0, budget - gone):
        before = f", {gone} of them are gone already" if gone else ""
        message = (
            f"the budget is {budget:g} credits{before}, and what is left to send costs {left}: raise the budget or "
            "draw fewer nodes. Nothing was sent."
        )
        raise UnaffordableError(message, needed=left.most, available=max(0, budget - gone))
    if left.least > balance:
        message = (
            f"the account has {balance:g} credits, and what is left to send costs {left}: buy credits or draw fewer "
            "nodes. Nothing was sent."
        )
        raise UnaffordableError(message, needed=left.least, available=balance)


def beginning(plan: Plan, *, version: str, account: Account, slots: int | None, now: float) -> tuple[Record, ...]:
    """Give the records with which a run begins."""
    keys = dict(zip(map(str, plan.state.numbers), (node.key for node in plan.state.nodes), strict=True))
    began = RunBegan(at=now, version=version, slots=slots, balance=account.credits, keys=keys)
    plan.state.history.take(began)
    return (*plan.records, began)
