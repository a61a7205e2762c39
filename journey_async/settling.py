"""What becomes of a node in doubt: a task that turned up is adopted, it is sent again, or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field

from journey_async.core.history import Stage
from journey_async.core.kinds import Result
from journey_async.core.records import Settled
from journey_async.core.rules import RULES
from journey_async.errors import Fault, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from attrs import Attribute

    from journey_async.core.history import History, Life
    from journey_async.core.tasks import TaskState


def _check_id(_: object, attribute: Attribute[str], value: object) -> None:
    if not (isinstance(value, str) and value.strip()):
        message = "the id of a task is required, as a text that is not blank"
        raise InvalidRequestError("settle", [Fault(argument=attribute.name, value=value, message=message)])


@frozen
class Adopt:
    """The request was accepted, and this is its task. Raises `InvalidRequestError` for an id that is none."""

    task_id: str = field(validator=_check_id)


@frozen
class Resubmit:
    """Send it again, which costs again; also a node that failed or was lost, and one whose index nobody chose."""


@frozen
class Abandon:
    """Give the node up, with all that is below it."""


Settlement: TypeAlias = Adopt | Resubmit | Abandon
_AGAIN: Final = frozenset({Stage.INTENDED, Stage.IN_DOUBT, Stage.REFUSED, Stage.ABANDONED})


async def judged(
    history: History,
    key: object,
    settlement: object,
    *,
    find: Callable[[str], Awaitable[TaskState[Result]]],
    clock: Callable[[], float],
    sent_elsewhere: bool = False,
) -> Settled:
    """Give the record that settles the node *key*; *find* looks up a task that is to be adopted.

    With *sent_elsewhere* a worker may be sending the request at this moment: sent again, it would be paid twice.

    Raises `InvalidRequestError` with what is wrong, and what *find* raises.
    """
    if sent_elsewhere:
        _check_answered(_life_of(history, key))
    if not isinstance(settlement, Adopt):
        return settled(history, key, settlement, now=clock())
    found = await find(settlement.task_id)
    # Only now: meanwhile another node may have got the task.
    record = settled(history, key, settlement, now=clock())
    check_adopted(history, record, found)
    return record


def settled(history: History, key: object, settlement: object, *, now: float) -> Settled:
    """Give the record that settles the node *key* of a journal. Raises `InvalidRequestError` with what is wrong."""
    life = _life_of(history, key)
    match settlement:
        case Adopt(task_id=task_id):
            _check_doubt(life)
            owner = next((other for other in history.lives.values() if other.task_id == task_id), None)
            if owner is not None:
                raise _wrong("task_id", task_id, f"the task is node {owner.key} already")
            return _record(life, "adopted", now, task_id=task_id)
        case Resubmit():
            failed = life.stage is Stage.ENDED and life.failed
            if not (life.stage in _AGAIN or failed or life.given_up is not None or life.index is None):
                raise _wrong(
                    "node", key, f"only a node in doubt, failed or left out can be sent again: it is {_is(life)}"
                )
            return _record(life, "resubmitted", now)
        case Abandon():
            _check_doubt(life)
            return _record(life, "abandoned", now)
        case _:
            raise _wrong("settlement", settlement, "settlement must be Adopt(task_id), Resubmit() or Abandon()")


def _life_of(history: History, key: object) -> Life:
    life = next((life for life in (history.lives[n] for n in history.keys) if life.key == key), None)
    if life is None:
        raise _wrong("node", key, "node must be the key of a node of the journal's graph")
    return life


def _check_answered(life: Life) -> None:
    if life.stage is Stage.INTENDED:
        message = (
            "the reply to its request is not recorded yet: the worker that sends it will do that. If that worker died, "
            "start one of its name, or any with --adopt and its name: the node is in doubt then and can be settled"
        )
        raise _wrong("node", life.key, message)


def check_adopted(history: History, record: Settled, found: TaskState[Result]) -> None:
    """Check that the task *found* is one that the node can be. Raises `InvalidRequestError`."""
    action = history.lives[record.number].table.get("action")
    gives = tuple(rule.gives for rule in RULES.values() if rule.action == action)
    if found.kind is not Result and not issubclass(found.kind, gives):
        expected = " or ".join(kind.label for kind in gives)
        raise _wrong("task_id", record.task_id, f"the task is {found.kind.label}, and the node is to be {expected}")


def _check_doubt(life: Life) -> None:
    if not life.in_doubt:
        raise _wrong("node", life.key, f"only a node in doubt can be adopted or abandoned: it is {_is(life)}")


def _is(life: Life) -> str:
    return "failed" if life.stage is Stage.ENDED and life.failed else life.stage.value


def _record(
    life: Life, how: Literal["adopted", "resubmitted", "abandoned"], now: float, *, task_id: str | None = None
) -> Settled:
    return Settled(at=now, number=life.number, how=how, task_id=task_id)


def _wrong(argument: str, value: object, message: str) -> InvalidRequestError:
    return InvalidRequestError("settle", [Fault(argument=argument, value=value, message=message)])
