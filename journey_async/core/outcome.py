"""What came of a run: a row per node, and what it cost."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import field

from journey_async.core.events import (
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeSkipped,
    NodeSubmitted,
    NodeWaiting,
)
from journey_async.errors import JourneyError, NoResultError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_async.core.events import Differences, Row
    from journey_async.core.node import Node
    from journey_async.core.spending import Spending
    from journey_async.core.tasks import R

T = TypeVar("T")


@frozen(kw_only=True, eq=False, repr=False)
class Outcome:
    """What came of a run, or what came of it so far: iterating gives a row per node in drawing order."""

    rows: Mapping[str, Row]
    """By the key of the node."""
    spending: Spending
    """What the run cost, with the earlier ones of its journal."""
    paused: JourneyError | None = None
    """Why nodes are left that could be sent: too few credits, or a key that is refused."""
    differences: Differences = field()
    """How the graph differs from the one that the journal knew."""

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, node: Node[Any] | str) -> Row:
        return self.rows[node if isinstance(node, str) else node.key]

    @property
    def finished(self) -> tuple[NodeFinished[Any], ...]:
        """The nodes that have a result."""
        return tuple(row for row in self if isinstance(row, NodeFinished))

    @property
    def failed(self) -> tuple[NodeFailed, ...]:
        """The nodes that the service refused, gave up on or lost."""
        return self._of(NodeFailed)

    @property
    def skipped(self) -> tuple[NodeSkipped, ...]:
        """The nodes that are left out because of another, or because nobody chose an index."""
        return self._of(NodeSkipped)

    @property
    def in_doubt(self) -> tuple[NodeInDoubt, ...]:
        """The nodes whose requests may or may not have been accepted."""
        return self._of(NodeInDoubt)

    @property
    def submitted(self) -> tuple[NodeSubmitted, ...]:
        """The nodes whose tasks are on their way."""
        return self._of(NodeSubmitted)

    @property
    def waiting(self) -> tuple[NodeWaiting, ...]:
        """The nodes that were not sent."""
        return self._of(NodeWaiting)

    @property
    def complete(self) -> bool:
        """Whether every node has its result, or was left out because nobody chose it."""
        return not (self.failed or self.in_doubt or self.submitted or self.waiting)

    def result(self, node: Node[R], /) -> R:
        """Give the result of *node*; raises its own error if it has none, `NoResultError` if it was not even sent."""
        row = self[node]
        if isinstance(row, NodeFinished):
            return cast("R", row.result)
        if isinstance(row, NodeFailed | NodeInDoubt):
            raise _anew(row.error) from row.error.__cause__
        raise NoResultError(_why_none(row))

    def raise_for_failures(self) -> None:
        """Raise an ExceptionGroup of what went wrong: the failed nodes, those in doubt, and why the run paused.

        Each error of a node carries the node's key as a note. Without errors nothing happens.
        """
        wrong: tuple[NodeFailed | NodeInDoubt, ...] = (*self.failed, *self.in_doubt)
        errors = [_noted(row.error, f"node {row.node.key}") for row in wrong]
        if self.paused is not None:
            errors.append(_anew(self.paused))
        if errors:
            missing = len(self) - len(self.finished)
            message = f"{missing} of {len(self)} nodes have no result"
            raise ExceptionGroup(message, errors)

    def _of(self, kind: type[T]) -> tuple[T, ...]:
        return tuple(row for row in self if isinstance(row, kind))

    def __repr__(self) -> str:
        counts = {
            "finished": self.finished,
            "failed": self.failed,
            "skipped": self.skipped,
            "in doubt": self.in_doubt,
            "submitted": self.submitted,
            "waiting": self.waiting,
        }
        told = ", ".join(f"{len(rows)} {name}" for name, rows in counts.items() if rows)
        return f"<Outcome of {len(self)} nodes: {told or 'none'}; {self.spending.spent} credits>"


def _why_none(row: NodeSkipped | NodeSubmitted | NodeWaiting) -> str:
    match row:
        case NodeSkipped():
            because = "" if row.because is row.node else f" ({row.because.key})"
            return f"node {row.node.key} was left out: {row.why}{because}"
        case NodeSubmitted():
            return f"node {row.node.key} is on its way as task {row.task_id}"
        case NodeWaiting():
            held = "" if row.held_by is None else f": {row.held_by.key} above it is in doubt"
            return f"node {row.node.key} was not sent{held}"


def _anew(error: Exception) -> Exception:
    """Give a copy of *error*: a traceback grows with every raise, notes with every group.

    Not of what the user's own function raised, which may be anything, also something that cannot be copied.
    """
    if not isinstance(error, JourneyError):
        return error
    made = copy.copy(error)
    made.__cause__ = error.__cause__
    return made


def _noted(error: Exception, note: str) -> Exception:
    made = _anew(error)
    if made is not error:
        made.add_note(note)
    return made
