"""A run as a state machine: what happened goes in, what to record and to tell comes out. No clock and no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_async.core.board import Board
from journey_async.core.events import (
    NOBODY_CHOSE,
    Event,
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeProgressed,
    NodeSubmitted,
    NodeWaiting,
    Row,
    RunPaused,
    RunResumed,
    RunWaiting,
)
from journey_async.core.history import Stage, Unchosen
from journey_async.core.node import about_a_node
from journey_async.core.outcome import Outcome
from journey_async.core.records import (
    Accepted,
    Doubted,
    Ended,
    GivenUp,
    IndexChosen,
    Intended,
    Record,
    Refused,
    Returned,
    Settled,
    error_as_values,
)
from journey_async.core.revival import row_of
from journey_async.core.rules import refusal, rule_for
from journey_async.core.tasks import Failed, Finished, TaskState
from journey_async.errors import InvalidRequestError, TaskFailedError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journey_async.core.actions import Action
    from journey_async.core.events import Differences
    from journey_async.core.history import History, Life
    from journey_async.core.kinds import Result
    from journey_async.core.node import Credits, Node
    from journey_async.errors import JourneyError, SubmissionInDoubtError


@frozen
class News:
    """What is to be recorded, and what to be told."""

    records: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()


class RunState:
    """The nodes of one run by their places in drawing order, and what became of each.

    A node is *busy* from the moment it is taken until it has ended, is in doubt or was returned; so is one that
    somebody is asked about. Whatever calls may have changed, `news` gives once. Times are seconds since 1970.
    """

    def __init__(
        self, nodes: Sequence[Node[Any]], numbers: Sequence[int], history: History, differences: Differences
    ) -> None:
        """Begin where *history* left the *nodes*, whose *numbers* in it are given. Raises `DamageError`."""
        self.numbers = tuple(numbers)
        self.history = history
        self.trouble: JourneyError | None = None
        """Why the run waits or is paused."""
        self.paused = False
        self._differences = differences
        self._lives: tuple[Life, ...] = tuple(history.lives[number] for number in numbers)
        rows = [row_of(node, life) for node, life in zip(nodes, self._lives, strict=True)]
        self._board = Board(nodes, rows, undecided=self._undecided)
        self._busy: set[int] = set()
        self._records: list[Record] = []
        self._board.begin()

    def _undecided(self, place: int) -> bool:
        return self.nodes[place].choice is not None and self._lives[place].index is Unchosen.UNCHOSEN

    @property
    def nodes(self) -> tuple[Node[Any], ...]:
        """The nodes in drawing order, which are the places."""
        return self._board.nodes

    # -----------------------------------------------------------------------------------------------------------------
    # What is to be done

    def news(self) -> News:
        """Take out what is to be recorded and told."""
        made = News(tuple(self._records), tuple(self._board.events))
        self._records.clear()
        self._board.events.clear()
        return made

    @property
    def ready(self) -> int:
        """How many nodes may start."""
        return len(self._board.ready)

    @property
    def busy(self) -> int:
        """How many nodes are being chosen for or are on their way."""
        return len(self._busy) + len(self._board.to_choose)

    def take(self) -> int | None:
        """Take the node to start next; the caller must bring it to an end or return it."""
        place = self._board.ready.take()
        if place is not None:
            self._busy.add(place)
        return place

    def take_choices(self) -> list[int]:
        """Take the nodes whose index is to be chosen now."""
        taken, self._board.to_choose = self._board.to_choose, []
        self._busy.update(taken)
        return taken

    def take_submitted(self) -> list[int]:
        """Take the nodes that earlier runs submitted, and the tasks that exist already: they are to be followed."""
        taken = [place for place, row in enumerate(self._board.rows) if isinstance(row, NodeSubmitted)]
        self._busy.update(taken)
        return taken

    def take_marked(self) -> list[int]:
        """Take the nodes whose requests are about to leave elsewhere, or were when whoever sent them died."""
        lives = enumerate(self._lives)
        taken = [place for place, life in lives if life.stage is Stage.INTENDED]
        self._busy.update(taken)
        return taken

    def take_doubts(self) -> list[int]:
        """Take the nodes in doubt about which nobody was asked yet."""
        # Some may have been settled meanwhile, and be in doubt anew.
        told, self._board.in_doubt = dict.fromkeys(self._board.in_doubt), []
        taken = [place for place in told if isinstance(self.row(place), NodeInDoubt)]
        self._busy.update(taken)
        return taken

    # -----------------------------------------------------------------------------------------------------------------
    # What is known

    def row(self, place: int) -> Row:
        """Give what became of a node so far."""
        return self._board.rows[place]

    def children(self, place: int) -> tuple[Node[Any], ...]:
        """Give the nodes right below one."""
        return self._board.children(place)

    def parent_result(self, place: int) -> Result | None:
        """Give the result of the node above one that may start; None for a root."""
        above = self._board.above(place)
        return None if above is None else above.result

    def action(self, place: int) -> Action:
        """Give what a node asks, with the index that was chosen. Raises `InvalidRequestError` for one that is none."""
        node, index = self.nodes[place], self._lives[place].index
        if node.action is not None:
            return node.action
        return node.action_with(index if isinstance(index, str) else "")

    @property
    def to_pay(self) -> Credits:
        """What the nodes cost that are not sent; the least if nothing in doubt is settled and nobody ever chooses."""
        return self._board.to_pay

    @property
    def to_send(self) -> int:
        """How many nodes are not sent."""
        return sum(isinstance(row, NodeWaiting) for row in self._board.rows)

    def outcome(self) -> Outcome:
        """Give what came of the run so far."""
        return Outcome(
            rows={row.node.key: row for row in self._board.shown()},
            spending=self.history.spending,
            paused=self.trouble if self.paused else None,
            differences=self._differences,
        )

    # -----------------------------------------------------------------------------------------------------------------
    # What happened: choosing and sending

    def chosen(self, place: int, index: int | str | None, *, now: float) -> None:
        """Take in which index was chosen; None: nobody chose."""
        self._busy.discard(place)
        node = self.nodes[place]
        if index is None:
            self._note(IndexChosen(number=self.numbers[place], index=None))
            self._board.left_out(place, node, NOBODY_CHOSE)
            return
        try:
            self._check_choice(place, index)
        except InvalidRequestError as error:
            self._note(GivenUp(at=now, number=self.numbers[place], error=error_as_values(error)))
            self._fail(place, error, now=now)
            return
        self._note(IndexChosen(number=self.numbers[place], index=str(index)))
        self._board.ready.put(place)

    def _check_choice(self, place: int, index: int | str) -> None:
        node, above = self.nodes[place], self.parent_result(place)
        action = node.action_with(index)
        if node.parent is not None and above is not None:
            illegal = refusal(rule_for(action), node.parent.key, type(above))
            if illegal is not None:
                raise about_a_node(illegal)

    def not_chosen(self, place: int, error: Exception, *, now: float) -> None:
        """Take in that the function which was to choose raised; another run asks it again."""
        self._busy.discard(place)
        # Only what kind of error it was: its words are the user's own, and may hold anything.
        why = {"message": f"the function that was to choose the index raised {type(error).__name__}"}
        self._note(GivenUp(at=now, number=self.numbers[place], error=why))
        self._fail(place, error, now=now)

    def intend(self, place: int, intent: str, *, parent: str | None, now: float) -> None:
        """Take in that the request of a node is about to leave."""
        price = self.nodes[place].credits
        self._note(Intended(at=now, intent=intent, number=self.numbers[place], parent=parent, credits=price))

    def returned(self, place: int, intent: str, why: str) -> None:
        """Take in that it certainly was not accepted: the node may start anew."""
        self._busy.discard(place)
        self._note(Returned(intent=intent, why=why))
        self._board.ready.put(place)

    def refused(self, place: int, intent: str, error: JourneyError, *, now: float) -> None:
        """Take in that the service refused it for good."""
        self._busy.discard(place)
        self._note(Refused(at=now, intent=intent, error=error_as_values(error)))
        self._fail(place, error, now=now)

    def doubted(self, place: int, error: SubmissionInDoubtError) -> None:
        """Take in that it may or may not have been accepted."""
        self._busy.discard(place)
        self._note(Doubted(intent=error.intent.id, why=error.why))
        self._board.doubted(NodeInDoubt(node=self.nodes[place], error=error), place)

    def accepted(self, place: int, intent: str, task_id: str, *, now: float) -> None:
        """Take in that the service accepted it."""
        self._note(Accepted(at=now, intent=intent, task_id=task_id))
        self._submitted(place, task_id, now=now)
        self.goes_on()

    # -----------------------------------------------------------------------------------------------------------------
    # What happened: tasks

    def progressed(self, place: int, state: TaskState[Result]) -> None:
        """Take in that the task of a node came further."""
        event = NodeProgressed(node=self.nodes[place], task_id=state.task_id, task_state=state)
        self._board.events.append(event)

    def ended(self, place: int, state: Finished[Result] | Failed, *, now: float) -> None:
        """Take in how the task of a node ended."""
        self._busy.discard(place)
        node, failed = self.nodes[place], isinstance(state, Failed)
        self._note(Ended(at=now, number=self.numbers[place], failed=failed, task=dict(state.raw)))
        if isinstance(state, Failed):
            self._fail(place, TaskFailedError(task_id=state.task_id, action=node.name, reason=state.error), now=now)
            return
        row = NodeFinished(
            node=node,
            task_id=state.task_id,
            result=state.result,
            submitted_at=self._lives[place].submitted_at,
            ended_at=now,
        )
        self._board.finished(row, place)

    def lost(self, place: int, error: JourneyError, *, now: float) -> None:
        """Take in that the task of a node cannot be found or read; another run asks for it again."""
        self._busy.discard(place)
        self._note(GivenUp(at=now, number=self.numbers[place], error=error_as_values(error)))
        self._fail(place, error, now=now)

    def lets_go(self, place: int) -> None:
        """Take in that a node stays as it is: its task is not followed any longer, or its doubt is left."""
        self._busy.discard(place)

    def adopted(self, place: int, task_id: str, *, now: float) -> None:
        """Take in that a task turned up for a node in doubt, which is to be followed."""
        self._note(Settled(at=now, number=self.numbers[place], how="adopted", task_id=task_id))
        self._busy.add(place)
        self._submitted(place, task_id, now=now)

    def resubmitted(self, place: int, *, now: float) -> None:
        """Take in that a node in doubt is to be sent again."""
        self._busy.discard(place)
        self._note(Settled(at=now, number=self.numbers[place], how="resubmitted"))
        self._board.waits_again(place)

    def abandoned(self, place: int, *, now: float) -> None:
        """Take in that a node in doubt was given up."""
        self._busy.discard(place)
        row = self._board.rows[place]
        self._note(Settled(at=now, number=self.numbers[place], how="abandoned"))
        if isinstance(row, NodeInDoubt):
            self._fail(place, row.error, now=now)

    # -----------------------------------------------------------------------------------------------------------------
    # What happened: the run

    def waits(self, error: JourneyError) -> None:
        """Take in that the service does not answer, or takes no more tasks for now."""
        if self.trouble is None:
            self.trouble = error
            self._board.events.append(RunWaiting(error=error))

    def pauses(self, error: JourneyError) -> None:
        """Take in that no node can be submitted until somebody does something about it."""
        if not self.paused:
            self.paused, self.trouble = True, error
            self._board.events.append(RunPaused(error=error))

    def tries_again(self) -> None:
        """Take in that credits came back: what paused the run may be over."""
        self.paused = False

    def goes_on(self) -> None:
        """Take in that the service accepts or answers again."""
        if self.trouble is not None:
            self.paused, self.trouble = False, None
            self._board.events.append(RunResumed())

    # -----------------------------------------------------------------------------------------------------------------

    def _note(self, record: Record) -> None:
        self.history.take(record)
        self._records.append(record)

    def _submitted(self, place: int, task_id: str, *, now: float) -> None:
        row = NodeSubmitted(node=self.nodes[place], task_id=task_id, submitted_at=now)
        self._board.submitted(row, place)

    def _fail(self, place: int, error: Exception, *, now: float) -> None:
        row, life = self._board.rows[place], self._lives[place]
        task_id = row.task_id if isinstance(row, NodeSubmitted) else None
        failed = NodeFailed(
            node=self.nodes[place],
            task_id=task_id,
            error=error,
            submitted_at=None if task_id is None else life.submitted_at,
            ended_at=now,
        )
        self._board.failed(failed, place)
