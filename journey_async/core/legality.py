"""From the arguments of a call to an action that may be sent: all faults of the call are told together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_async.core.checks import PARENT_REQUIRED
from journey_async.core.kinds import Kind, Result
from journey_async.core.rules import RULES, refusal, rule_for
from journey_async.errors import Fault, IllegalParentError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.actions import Action


def checked(make: type[Action], arguments: Mapping[str, Any], *, parent: object = None, kind: Kind = Result) -> Action:
    """Make the action that follows the task *parent*, of *kind* as far as that is known (`Result`: not at all).

    Raises `IllegalParentError` if the parent's kind is the reason or one of them, else `InvalidRequestError`.
    """
    if parent is None and make.parent_field is None:
        return make(**arguments)
    faults: list[Fault] = []
    action: Action | None = None
    try:
        action = make(**arguments)
    except InvalidRequestError as error:
        faults += error.faults
    if make.parent_field is not None:
        faults += _parent_faults(make, arguments, parent)
    illegal = _illegal(make, action, str(parent), kind, faults) if kind is not Result else None
    if illegal is not None:
        raise illegal
    if faults or action is None:
        raise InvalidRequestError(make.name, faults)
    return action


def _parent_faults(make: type[Action], arguments: Mapping[str, object], parent: object) -> list[Fault]:
    instead = make.instead_of_parent
    replaced = instead is not None and arguments.get(instead) is not None
    if replaced and parent is not None:
        message = f"exactly one of parent_task_id and {instead} is taken: leave one out"
        return [Fault(argument="parent", value=parent, message=message)]
    if replaced or (isinstance(parent, str) and parent.strip()):
        return []
    message = f"{PARENT_REQUIRED}: a Task or a task id" + (f", or else {instead}" if instead else "")
    return [Fault(argument="parent", value=parent, message=message)]


def _illegal(
    make: type[Action], action: Action | None, parent: str, kind: Kind, faults: list[Fault]
) -> IllegalParentError | None:
    """Tell that no row that may hold for the call accepts *kind*; with faulty arguments several rows may hold."""
    rows = [row for row in RULES.values() if row.action == make.name] if action is None else [rule_for(action)]
    refusals = [refusal(row, parent, kind, faults) for row in rows if row.parents]
    return refusals[0] if refusals and all(refusals) else None
