"""The nodes of a run by their places in drawing order, and what follows for those below from what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from journey_async.core.events import (
    FAILED_ABOVE,
    LEFT_OUT_ABOVE,
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeSkipped,
    NodeSubmitted,
    NodeWaiting,
)
from journey_async.core.node import Credits, illegal_below
from journey_async.core.scheduling import Ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from journey_async.core.events import Event, Row
    from journey_async.core.kinds import Result
    from journey_async.core.node import Node
    from journey_async.errors import IllegalParentError


class Board:
    """What became of each node; a node that finishes lets those below it start, one that fails leaves them out."""

    def __init__(self, nodes: Sequence[Node[Any]], rows: Sequence[Row], *, undecided: Callable[[int], bool]) -> None:
        """Take the *nodes* and their *rows*; *undecided* tells at which places an index is yet to be chosen."""
        self.nodes = tuple(nodes)
        self.rows = list(rows)
        self.events: list[Event] = []
        """What is to be told."""
        self.to_choose: list[int] = []
        """The nodes whose index is to be chosen now."""
        self.in_doubt: list[int] = []
        """The nodes in doubt about which somebody is to be asked now."""
        self._undecided = undecided
        places = {node.key: place for place, node in enumerate(self.nodes)}
        self._parents = [None if node.parent is None else places[node.parent.key] for node in self.nodes]
        self._children: list[list[int]] = [[] for _ in self.nodes]
        for place, parent in enumerate(self._parents):
            if parent is not None:
                self._children[parent].append(place)
        self.ready = Ready(self._parents)

    # -----------------------------------------------------------------------------------------------------------------
    # What is known

    def children(self, place: int) -> tuple[Node[Any], ...]:
        """Give the nodes right below one."""
        return tuple(self.nodes[child] for child in self._children[place])

    def above(self, place: int) -> NodeFinished[Any] | None:
        """Give the finished node above one; None for a root, and where it has not finished."""
        parent = self._parents[place]
        row = None if parent is None else self.rows[parent]
        return row if isinstance(row, NodeFinished) else None

    @property
    def to_pay(self) -> Credits:
        """What the nodes cost that are not sent; the least if nothing in doubt is settled and nobody ever chooses."""
        least = most = 0
        uncertain: set[int] = set()
        for place, row in enumerate(self.rows):
            unsure = isinstance(row, NodeInDoubt) or self._parents[place] in uncertain
            if isinstance(row, NodeWaiting):
                unsure = unsure or self._undecided(place)
                most += row.node.credits
                least += 0 if unsure else row.node.credits
            if unsure:
                uncertain.add(place)
        return Credits(least, most)

    def shown(self) -> Iterator[Row]:
        """Give the rows; those that wait say which node in doubt holds them."""
        held: dict[int, Node[Any]] = {}
        for place, row in enumerate(self.rows):
            parent = self._parents[place]
            if isinstance(row, NodeInDoubt):
                held[place] = row.node
            elif parent is not None and parent in held:
                held[place] = held[parent]
            yield NodeWaiting(node=row.node, held_by=held.get(place)) if isinstance(row, NodeWaiting) else row

    # -----------------------------------------------------------------------------------------------------------------
    # What happens

    def begin(self) -> None:
        """Tell what is known already, let start what may start, and leave out what is below failures."""
        # What is left out on the way is told already.
        for place, row in enumerate(tuple(self.rows)):
            if isinstance(row, NodeInDoubt):
                self.doubted(row, place)
            elif not isinstance(row, NodeWaiting | NodeSubmitted):
                self.events.append(row)
            elif isinstance(self.rows[place], NodeWaiting):
                self._consider(place)

    def submitted(self, row: NodeSubmitted, place: int) -> None:
        """Put down that a node was accepted."""
        self._become(place, row)

    def doubted(self, row: NodeInDoubt, place: int) -> None:
        """Put down that a node is in doubt: what is below it waits."""
        self._become(place, row)
        self.in_doubt.append(place)

    def finished(self, row: NodeFinished[Any], place: int) -> None:
        """Put down that a node has its result: those below it may start."""
        self._become(place, row)
        for child in self._children[place]:
            self._consider(child)

    def failed(self, row: NodeFailed, place: int) -> None:
        """Put down that a node failed: all below it are left out."""
        self._become(place, row)
        self._leave_out_below(place, row.node, FAILED_ABOVE)

    def left_out(self, place: int, because: Node[Any], why: str) -> None:
        """Put down that a node is left out, and all below it with it."""
        self._become(place, NodeSkipped(node=self.nodes[place], because=because, why=why))
        self._leave_out_below(place, because, FAILED_ABOVE if why == FAILED_ABOVE else LEFT_OUT_ABOVE)

    def waits_again(self, place: int) -> None:
        """Put down that a node is to be sent anew."""
        self.rows[place] = NodeWaiting(node=self.nodes[place])
        self.ready.put(place)

    def _consider(self, place: int) -> None:
        """Decide what becomes of a waiting node, now that its parent is what it is."""
        parent = self._parents[place]
        match None if parent is None else self.rows[parent]:
            case NodeFailed(node=failed):
                self.left_out(place, failed, FAILED_ABOVE)
            case NodeSkipped(because=because, why=why):
                self.left_out(place, because, FAILED_ABOVE if why == FAILED_ABOVE else LEFT_OUT_ABOVE)
            case NodeFinished(ended_at=ended_at):
                illegal = self._illegal(place)
                if illegal is None:
                    self._may_start(place)
                else:
                    self.failed(NodeFailed(node=self.nodes[place], error=illegal, ended_at=ended_at), place)
            case None:
                self._may_start(place)
            case _:
                pass

    def _illegal(self, place: int) -> IllegalParentError | None:
        """Judge the parent by what it turned out to be: of a task that existed before, the graph may not know it."""
        above = self.above(place)
        return None if above is None else illegal_below(self.nodes[place], cast("Result", above.result).__class__)

    def _may_start(self, place: int) -> None:
        if self._undecided(place):
            self.to_choose.append(place)
        else:
            self.ready.put(place)

    def _leave_out_below(self, place: int, because: Node[Any], why: str) -> None:
        below = list(reversed(self._children[place]))
        while below:
            child = below.pop()
            if isinstance(self.rows[child], NodeWaiting):
                self._become(child, NodeSkipped(node=self.nodes[child], because=because, why=why))
                below += reversed(self._children[child])

    def _become(
        self, place: int, row: NodeSubmitted | NodeFinished[Any] | NodeFailed | NodeSkipped | NodeInDoubt
    ) -> None:
        self.rows[place] = row
        self.events.append(row)
