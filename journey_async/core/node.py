"""One node of a graph: an action that is not sent yet, or a task that exists already."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, cast

from attrs import evolve, field

from journey_async.core.kinds import Result
from journey_async.core.rules import RULES, refusal, rule_for
from journey_async.core.tasks import R, R_co
from journey_async.errors import Fault, IllegalParentError, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.core.actions import Action
    from journey_async.core.kinds import Kind

Choice: TypeAlias = Callable[[R], Awaitable[int | str | None]]
"""Chooses an index once the parent has its result; None: nobody chose, the node and its descendants are left out."""

EXISTING: Final = "existing"
"""What stands in place of an action's name where a task exists already."""


@frozen(kw_only=True, eq=False, repr=False)
class Node(Generic[R_co]):
    """An action of a graph that is not sent yet, or a task that exists already; two nodes are never equal."""

    key: str
    """Its name, unique in its graph."""
    kind: type[R_co]
    """What its task will be; `Result` for a task that exists already and of which nothing is known."""
    parent: Node[Any] | None = None
    task_id: str | None = None
    """The id of a task that exists already: there is nothing to send."""
    choice: Choice[Any] | None = None
    """Chooses the index from the result of the parent: `action_with` gives the action then."""
    _asked: Action | None = field(default=None, alias="asked")
    # With a choice its index is a stand-in that must never be sent: hence private.

    @property
    def action(self) -> Action | None:
        """What is asked; None for a task that exists already, and where the index is yet to be chosen."""
        return None if self.choice is not None else self._asked

    @property
    def make(self) -> type[Action] | None:
        """Which action is asked, chosen index or not; None for a task that exists already."""
        return None if self._asked is None else type(self._asked)

    @property
    def name(self) -> str:
        """The service's name of the action, such as `upscale-1x`; `existing` for a task that exists already."""
        return EXISTING if self._asked is None else self._asked.name

    @property
    def fields(self) -> dict[str, object]:
        """What was given to the action, by field; as index the function where one chooses it."""
        if self._asked is None:
            return {}
        names = (*self._asked.required, *self._asked.optional, "webhook_url", "webhook_secret", "extra")
        given = {name: value for name in names if (value := getattr(self._asked, name)) is not None}
        return given if self.choice is None else {**given, "index": self.choice}

    @property
    def credits(self) -> int:
        """What it costs when it is accepted; nothing for a task that exists already."""
        return 0 if self._asked is None else self._asked.credits

    def action_with(self, index: int | str, /) -> Action:
        """Give the action with the index that was chosen.

        Raises `InvalidRequestError` for an index that is none, `IllegalParentError` for one that the parent's kind
        does not go with.
        """
        if self._asked is None or self.choice is None:
            message = f"node {self.key} has no index that is to be chosen"
            raise InvalidRequestError(self.name, [Fault(argument="index", value=index, message=message)])
        given = cast("object", index)  # a function of the user's may give anything
        if given is None or (isinstance(given, int | str) and not given):
            # None means that nobody chose; an upscale-2x-4x would take it for a picture that needs no index.
            message = f"the choice of node {self.key} gave no index"
            raise InvalidRequestError(self.name, [Fault(argument="index", value=index, message=message)])
        action: Action = evolve(cast("Any", self._asked), index=index)
        if self.parent is not None and self.parent.kind is not Result:
            illegal = refusal(rule_for(action), self.parent.key, self.parent.kind)
            if illegal is not None:
                raise about_a_node(illegal)
        return action

    def __repr__(self) -> str:
        return f"<Node {self.key} {self.name} {self.kind.__name__}>"


@frozen
class Credits:
    """What a graph costs: exactly, or between two numbers where an index is yet to be chosen."""

    least: int
    """If nobody ever chooses."""
    most: int
    """If every choice is made."""

    @property
    def exact(self) -> bool:
        """Whether the two are one."""
        return self.least == self.most

    def __int__(self) -> int:
        if not self.exact:
            message = f"the graph costs {self}, which is no one number: ask for .least or .most"
            raise ValueError(message)
        return self.most

    def __str__(self) -> str:
        return str(self.most) if self.exact else f"{self.least} to {self.most}"


def illegal_below(node: Node[Any], kind: Kind) -> IllegalParentError | None:
    """Give the error if *node* cannot follow its parent, now that the parent is known to be of *kind*."""
    if node.make is None or node.parent is None:
        return None
    if node.action is not None:
        rules = [rule_for(node.action)]
    else:
        rules = [rule for rule in RULES.values() if rule.action == node.name]
    refusals = [refusal(rule, node.parent.key, kind) for rule in rules]
    return next((about_a_node(illegal) for illegal in refusals if illegal is not None), None) if all(refusals) else None


def about_a_node(error: IllegalParentError, *, faults: Sequence[Fault] = ()) -> IllegalParentError:
    """Give *error* anew with these other *faults* and without a task id: its parent is the key of a node."""
    made = IllegalParentError(
        error.action,
        rule=error.rule,
        parent=error.parent,
        kind=error.kind,
        needs=error.needs,
        remedy=error.remedy,
        faults=faults,
    )
    made.task_id = None
    return made
