"""A run without an event loop: the state machine of runs against the pure world, on a clock that only jumps.

What a run does with coroutines is done here with a heap of events. A life ends when nothing is left to be done, or with
a crash, which leaves the records that were safe, and the requests that had left.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from journey_async.core import wire
from journey_async.core.belief import Belief
from journey_async.core.events import NodeFinished, NodeInDoubt, NodeSubmitted, NodeWaiting
from journey_async.core.history import fold
from journey_async.core.matching import graph_in, matched
from journey_async.core.reading import read_task, read_tasks
from journey_async.core.records import RunBegan, decode, encode
from journey_async.core.retrying import may_repeat
from journey_async.core.rules import rule_for
from journey_async.core.run_state import RunState
from journey_async.core.tasks import Failed, Unfinished
from journey_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    GraphFileError,
    InsufficientCreditsError,
    JourneyError,
    RateLimitError,
    ReplyLostError,
    SubmissionInDoubtError,
    TaskNotFoundError,
)
from journey_async.submitting import Order, order
from tests.core.readings import read_submission
from tests.sandbox.asking import HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from journey_async import Node
    from journey_async.core.events import Event, Row
    from journey_async.core.history import History
    from journey_async.core.tasks import TaskState
    from journey_async.core.wire import Reply, Request
    from journey_async.sandbox import World

LATENCY: Final = 0.2
"""Seconds that a request is on its way, and its reply on the way back."""
BATCH: Final = 20
LOST_AFTER: Final = 3
"""Misses in a row after which a task is given up."""
REFUSAL: Final = b'{"errors": [{"msg": "no"}]}'


@define(kw_only=True)
class Dice:
    """What people and the service do by chance; the probabilities."""

    chance: Random
    refused: float = 0.0
    """The service refuses the request."""
    refusal: int = 400
    """With this status."""
    settled: tuple[str, ...] = ("find out",)
    """What becomes of a node in doubt: find out, resubmit, abandon, leave."""
    chosen: tuple[int | str | None, ...] = (1,)
    """What choices give; an empty text stands for a function that raises."""
    kept: float = 1.0
    """How likely each record is safe at once that nobody waits for."""


@define
class Told:
    """What the world knows of one paid request."""

    place: int
    credits: int
    task_id: str | None = None
    """Of the task that it accepted."""


class Simulation:
    """The lives of one run: `live` begins the next one."""

    def __init__(
        self,
        world: World,
        nodes: Sequence[Node[Any]],
        dice: Dice,
        *,
        slots: int,
        now: float,
        polling: float = 5.0,
        checked: bool = True,
    ) -> None:
        self.world = world
        self.nodes = tuple(nodes)
        self.dice = dice
        self.slots = slots
        self.now = now
        self.journal: list[str] = []
        """The records that are safe."""
        self.told: dict[str, Told] = {}
        """By intent: what really came of each request that reached the world."""
        self.events: list[Event] = []
        """Of the present life."""
        self.own_graph = False
        """Whether the next life is to go on with the graph that the journal holds."""
        self.state: RunState
        self._polling = polling
        self._checked = checked
        self._unsafe: list[str] = []
        self._delay = 0.0
        """Seconds for which the world holds back its newest answer."""
        self._heap: list[tuple[float, int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._life = 0
        self._accepted = world.ledger(now)["accepted"]
        self._below = _generations(self.nodes)
        self._places = {node.key: place for place, node in enumerate(self.nodes)}

    # -----------------------------------------------------------------------------------------------------------------
    # Lives

    def live(self, *, crash_after: int | None = None) -> bool:
        """Run until nothing is left to be done, or for so many events; tell whether it came to its end."""
        self._begin()
        for done in itertools.count():
            self._start_what_may()
            if not (self.state.busy or (self.state.ready and not self.state.paused)):
                self._write()
                return True
            if crash_after is not None and done >= crash_after:
                self._crash()
                return False
            self._next_event()
        raise AssertionError

    def wait(self) -> None:
        """Let the requests arrive that had left when a life ended."""
        self._life += 1
        with contextlib.suppress(StopIteration):
            while True:
                self._next_event()

    def _begin(self) -> None:
        self._life += 1
        history = self.history()
        nodes, numbers, drawn, differences = self._plan(history)
        assert not (self.journal and (drawn or differences)), "the same graph is known"
        for record in drawn:
            history.take(record)
        self.state = RunState(nodes, numbers, history, differences)
        keys = {str(number): node.key for number, node in zip(numbers, nodes, strict=True)}
        began = RunBegan(at=self.now, version="1", slots=self.slots, balance=100, keys=keys)
        history.take(began)
        self.journal += map(encode, (*drawn, began))
        self.events = []
        self._unsafe = []
        self._belief = Belief().told([self.slots], now=self.now)
        self._wait_until = self.now
        self._waking = False
        self._running: dict[str, int] = {}
        self._misses: dict[str, int] = {}
        self._sending: set[int] = set()
        self._deciding: set[int] = set()
        for place in self.state.take_submitted():
            row = self.state.row(place)
            assert isinstance(row, NodeSubmitted)
            self._follow(place, row.task_id)

    def history(self) -> History:
        """Read the journal."""
        return fold(map(decode, self.journal))

    def _plan(self, history: History) -> tuple[Sequence[Node[Any]], Sequence[int], Sequence[Any], Any]:
        history.try_again()
        match = matched(self.nodes, history)
        if self.own_graph and history.keys:
            try:
                return tuple(graph_in(history, file="x.db", to_send=True)), tuple(history.keys), (), match.differences
            except GraphFileError:
                assert any(node.choice is not None for node in self.nodes)
        return self.nodes, match.numbers, match.drawn, match.differences

    def _crash(self) -> None:
        self.journal += self._unsafe[: self.dice.chance.randint(0, len(self._unsafe))]
        self._life += 1

    def _at(self, delay: float, do: Callable[[], None], *, outlives: bool = False) -> None:
        life = 0 if outlives else self._life
        heapq.heappush(self._heap, (self.now + delay, next(self._numbers), life, do))

    def _next_event(self) -> None:
        while self._heap:
            at, _, life, do = heapq.heappop(self._heap)
            self.now = max(self.now, at)
            if life in {0, self._life}:
                do()
                return
        raise StopIteration("busy, and nothing will ever happen")

    def _take_news(self) -> list[str]:
        news = self.state.news()
        self.events += news.events
        return list(map(encode, news.records))

    def _write(self) -> None:
        """Make all records safe."""
        self.journal += self._unsafe + self._take_news()
        self._unsafe = []

    def _spread(self) -> None:
        self._unsafe += self._take_news()
        while self._unsafe and self.dice.chance.random() < self.dice.kept:
            self.journal.append(self._unsafe.pop(0))

    # -----------------------------------------------------------------------------------------------------------------
    # Starting

    def _start_what_may(self) -> None:
        self._spread()
        for place in self.state.take_choices():
            self._deciding.add(place)
            self._at(self.dice.chance.uniform(0, 30), partial(self._choose, place))
        for place in self.state.take_doubts():
            self._deciding.add(place)
            self._at(self.dice.chance.uniform(60, 90), partial(self._settle, place))
        while self._may_start:
            self._start()
        if self.state.ready and not (self.state.paused or self._waking):
            self._waking = True
            limited = self._belief.changes_at(self.now) - self.now
            self._at(max(self._wait_until - self.now, min(limited, self._polling)), self._wake)
        if self._checked:
            self._check()

    def _wake(self) -> None:
        self._waking = False

    @property
    def _may_start(self) -> bool:
        free = self._held < (self._belief.limit(self.now) or 0)
        return free and self.state.ready > 0 and not self.state.paused and self.now >= self._wait_until

    @property
    def _held(self) -> int:
        return len(self._running) + len(self._sending)

    def _start(self) -> None:
        startable = self.startable() if self._checked else []
        place = self.state.take()
        assert place is not None
        assert self._held < self.slots
        if self._checked:
            assert place in startable
            assert self._below[place] == max(self._below[other] for other in startable), "the longest way goes first"
        self._sending.add(place)
        parent = self.state.parent_result(place)
        intent = f"intent {next(self._numbers)}"
        asked = order(self.state.action(place), None if parent is None else parent.task_id, intent_id=intent)
        self.state.intend(place, intent, parent=asked.parent_id, now=self.now)
        self._write()
        life = self._life
        self._at(LATENCY, lambda: self._arrive(place, asked, life), outlives=True)

    def _arrive(self, place: int, asked: Order, life: int) -> None:
        intent = asked.intent.id
        assert intent not in self.told, "each intent is sent once"
        told = self.told[intent] = Told(place, asked.action.credits)
        result = self._sent(asked)
        told.task_id = self._unheard(result) if isinstance(result, JourneyError) else result.task_id
        self._accepted += told.task_id is not None
        if life == self._life:
            # A synchronous model answers when its picture is done.
            self._at(LATENCY + self._delay, lambda: self._answered(place, asked, result))

    def _unheard(self, error: JourneyError) -> str | None:
        """Give the task that the world accepted without anybody hearing of it."""
        if not error.credits_may_have_moved:
            return None
        ledger = self.world.ledger(self.now)
        return ledger["charges"][-1]["task_id"] if ledger["accepted"] > self._accepted else None

    def _sent(self, asked: Order) -> TaskState[Any] | JourneyError:
        self._delay = 0.0
        if self.dice.chance.random() < self.dice.refused:
            reply = wire.Reply(status=self.dice.refusal, body=REFUSAL)
        else:
            try:
                reply = self._ask(asked.request)
            except ReplyLostError as error:
                return error
        try:
            return read_submission(asked.request, reply, gives=rule_for(asked.action).gives)
        except ApiError as error:
            return error

    def _ask(self, request: Request) -> Reply:
        body = request.encoded() or b""
        answer = self.world.answer(request.method, f"/api/v1{request.path}", headers=HEADERS, body=body, now=self.now)
        self._delay = answer.delay
        if answer.cut:
            raise ReplyLostError("cut", method=request.method, path=request.path, paid=request.paid)
        return wire.Reply(status=answer.status, body=answer.body)

    # -----------------------------------------------------------------------------------------------------------------
    # What comes of it

    def _answered(self, place: int, asked: Order, result: TaskState[Any] | JourneyError) -> None:
        self._sending.discard(place)
        intent = asked.intent.id
        if not isinstance(result, JourneyError):
            self.state.accepted(place, intent, result.task_id, now=self.now)
            self._belief = self._belief.accepted(busy=self._held + 1, now=self.now)
            if isinstance(result, Unfinished):
                self._follow(place, result.task_id)
            else:
                self.state.ended(place, result, now=self.now)
        elif result.credits_may_have_moved:
            self.state.doubted(place, SubmissionInDoubtError(asked.intent, why=str(result)))
        elif isinstance(result, InsufficientCreditsError | AuthenticationError):
            self.state.returned(place, intent, str(result))
            self.state.pauses(result)
        elif may_repeat(result):
            self.state.returned(place, intent, str(result))
            self._put_off(result)
        else:
            self.state.refused(place, intent, result, now=self.now)

    def _put_off(self, error: JourneyError) -> None:
        if isinstance(error, RateLimitError):
            self._belief = self._belief.refused(busy=self._held, now=self.now, first=1.0, longest=20.0)
            if self._running:
                return
        self.state.waits(error)
        self._wait_until = self.now + 2.0

    def _follow(self, place: int, task_id: str) -> None:
        if not self._running:
            self._at(self._polling, self._poll)
        self._running[task_id] = place

    def _poll(self) -> None:
        ids = tuple(self._running)
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            states = self._fetched(batch)
            for task_id in batch if states is not None else ():
                self._looked_at(task_id, (states or {}).get(task_id))
        if self._running:
            self._at(self._polling, self._poll)

    def _fetched(self, ids: Sequence[str]) -> dict[str, Any] | None:
        kinds = {task_id: self.state.nodes[self._running[task_id]].kind for task_id in ids}
        try:
            if len(ids) > 1:
                request = wire.fetch_many(ids)
                return dict(read_tasks(request, self._ask(request), known=kinds))
            request = wire.fetch(ids[0])
            return {ids[0]: read_task(request, self._ask(request), kind=kinds[ids[0]])}
        except ApiError as error:
            return {} if isinstance(error, BadRequestError) else None
        except ReplyLostError:
            return None

    def _looked_at(self, task_id: str, found: TaskState[Any] | ApiError | None) -> None:
        place = self._running[task_id]
        self._misses[task_id] = self._misses.get(task_id, 0) + 1 if found is None else 0
        if found is None and self._misses[task_id] >= LOST_AFTER:
            del self._running[task_id]
            self.state.lost(place, TaskNotFoundError("not found", task_id=task_id), now=self.now)
        if found is None or isinstance(found, ApiError):
            return
        if isinstance(found, Unfinished):
            self.state.progressed(place, found)
            return
        del self._running[task_id]
        self.state.ended(place, found, now=self.now)
        if isinstance(found, Failed) and self.state.paused:
            self.state.tries_again()

    def _choose(self, place: int) -> None:
        self._deciding.discard(place)
        index = self.dice.chance.choice(self.dice.chosen)
        if index == "":
            self.state.not_chosen(place, LookupError("no good tile"), now=self.now)
        else:
            self.state.chosen(place, index, now=self.now)

    def _settle(self, place: int) -> None:
        self._deciding.discard(place)
        row = self.state.row(place)
        assert isinstance(row, NodeInDoubt)
        told = self.told.get(row.error.intent.id)
        match self.dice.chance.choice(self.dice.settled):
            case "find out" if told is not None and told.task_id is not None:
                self.state.adopted(place, told.task_id, now=self.now)
                self._follow(place, told.task_id)
            case "find out" | "resubmit":
                self.state.resubmitted(place, now=self.now)
            case "abandon":
                self.state.abandoned(place, now=self.now)
            case _:
                self.state.lets_go(place)

    # -----------------------------------------------------------------------------------------------------------------
    # What holds at any moment

    def startable(self) -> list[int]:
        """Give the nodes that could be sent now, found without the state machine's own books."""
        return [
            place
            for place in range(len(self.nodes))
            if isinstance(self.state.row(place), NodeWaiting)
            and place not in self._sending
            and place not in self._deciding
            and (self._above(place) is None or isinstance(self._above(place), NodeFinished))
        ]

    def _above(self, place: int) -> Row | None:
        parent = self.nodes[place].parent
        return None if parent is None else self.state.row(self._places[parent.key])

    def _check(self) -> None:
        state = self.state
        assert state.ready == len(self.startable()), "whatever could be sent is ready, and nothing else"
        assert state.busy == len(self._running) + len(self._sending) + len(self._deciding)
        limit = self._belief.limit(self.now) or 0
        assert not state.ready or state.paused or self.now < self._wait_until or self._held >= limit, "no slot idles"
        for place in (*self._running.values(), *self._sending):
            above = self._above(place)
            assert above is None or isinstance(above, NodeFinished), "parents finish first"


def _generations(nodes: Sequence[Node[Any]]) -> list[int]:
    """Count the generations below each node, from the leaves up."""
    below = {node.key: 0 for node in nodes}
    for node in nodes:
        here, ways = node.parent, 1
        while here is not None:
            below[here.key] = max(below[here.key], ways)
            here, ways = here.parent, ways + 1
    return list(below.values())
