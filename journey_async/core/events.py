"""What happens in a run, as values. What happened to a node last is also its row in the outcome of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, TypeAlias

from attrs import field

from journey_async.core.tasks import R_co
from journey_async.values import frozen

if TYPE_CHECKING:
    from journey_async.core.kinds import Result
    from journey_async.core.node import Credits, Node
    from journey_async.core.spending import Spending
    from journey_async.core.tasks import TaskState
    from journey_async.errors import JourneyError, SubmissionInDoubtError

# ---------------------------------------------------------------------------------------------------------------------
# What happens to a node. Times are seconds since 1970.


@frozen(kw_only=True, eq=False)
class NodeWaiting:
    """The node was not sent (yet)."""

    state: ClassVar[Literal["waiting"]] = "waiting"

    node: Node[Any]
    held_by: Node[Any] | None = None
    """The node above it whose request is in doubt."""


@frozen(kw_only=True, eq=False)
class NodeSubmitted:
    """The service accepted the node; its credits are taken."""

    state: ClassVar[Literal["submitted"]] = "submitted"

    node: Node[Any]
    task_id: str
    submitted_at: float | None = None
    """None for a task that existed before the graph."""


@frozen(kw_only=True, eq=False)
class NodeProgressed:
    """The task of the node came further."""

    state: ClassVar[Literal["progressed"]] = "progressed"

    node: Node[Any]
    task_id: str
    task_state: TaskState[Result] = field(repr=False)
    """With the service's status and percentage."""


@frozen(kw_only=True, eq=False)
class NodeFinished(Generic[R_co]):
    """The node has its result."""

    state: ClassVar[Literal["finished"]] = "finished"

    node: Node[R_co]
    task_id: str
    result: R_co = field(repr=False)
    submitted_at: float | None = None
    ended_at: float
    """When the client noticed."""
    earlier: bool = False
    """Whether it was known from the journal before this run began."""


@frozen(kw_only=True, eq=False)
class NodeFailed:
    """The node has no result and will have none: the service refused it, gave up on it or lost it."""

    state: ClassVar[Literal["failed"]] = "failed"

    node: Node[Any]
    task_id: str | None = None
    """None where the service never accepted it."""
    error: Exception
    """What the service said; or what the function that was to choose its index raised."""
    submitted_at: float | None = None
    ended_at: float
    earlier: bool = False
    """Whether it was known from the journal before this run began."""


FAILED_ABOVE: Final = "a node above it failed"
LEFT_OUT_ABOVE: Final = "a node above it was left out"
NOBODY_CHOSE: Final = "nobody chose an index"


@frozen(kw_only=True, eq=False)
class NodeSkipped:
    """The node is left out, because of itself or of a node above it."""

    state: ClassVar[Literal["skipped"]] = "skipped"

    node: Node[Any]
    because: Node[Any]
    why: str
    """Such as `a node above it failed` or `nobody chose an index`."""


@frozen(kw_only=True, eq=False)
class NodeInDoubt:
    """The node's request may or may not have been accepted and charged; what is below it is held back."""

    state: ClassVar[Literal["in doubt"]] = "in doubt"

    node: Node[Any]
    error: SubmissionInDoubtError
    """With the intent that was sent."""


Row: TypeAlias = "NodeWaiting | NodeSubmitted | NodeFinished[Any] | NodeFailed | NodeSkipped | NodeInDoubt"
"""What became of a node so far."""

# ---------------------------------------------------------------------------------------------------------------------
# What happens to a run


@frozen(kw_only=True)
class Differences:
    """How a graph differs from the one that its journal knew, by the keys of nodes."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Another action, other fields or another parent under a known key: run as a new node."""
    removed: tuple[str, ...] = ()
    """No longer in the graph; what they cost stays in the journal's books."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@frozen(kw_only=True)
class RunPlanned:
    """The graph was checked and can be paid for; nothing has been sent in this run."""

    nodes: int
    to_send: int
    """Nodes that are not sent yet."""
    credits: Credits
    """What those cost."""
    earlier: Spending
    """What earlier runs of the journal cost."""
    differences: Differences
    balance: float
    """Credits on the account."""
    slots: int | None
    """Tasks at once; None where the plan's number is not published: it is found out."""


@frozen(kw_only=True)
class RunPaused:
    """No further node is submitted: the account has too few credits, or the key is refused."""

    error: JourneyError


@frozen(kw_only=True)
class RunWaiting:
    """The service does not answer, or refuses more tasks at once; the run goes on by itself when that is over."""

    error: JourneyError


@frozen(kw_only=True)
class RunResumed:
    """The service accepts again, after the run was paused or waiting."""


NodeEvent: TypeAlias = "NodeProgressed | NodeSubmitted | NodeFinished[Any] | NodeFailed | NodeSkipped | NodeInDoubt"
Event: TypeAlias = "NodeEvent | RunPlanned | RunPaused | RunWaiting | RunResumed"
"""Everything that a run tells while it is on its way."""
