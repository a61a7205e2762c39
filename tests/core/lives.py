"""A run by hand: a state machine, its journal, and the service's words as one likes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from journey_async.core.events import RunPaused, RunPlanned, RunResumed, RunWaiting
from journey_async.core.history import fold
from journey_async.core.matching import matched
from journey_async.core.reading import read_item
from journey_async.core.records import RunBegan, decode, encode
from journey_async.core.run_state import RunState
from journey_async.core.tasks import Failed, Finished
from journey_async.errors import ApiError, BadRequestError, InsufficientCreditsError, SubmissionInDoubtError
from journey_async.submitting import order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from journey_async import Node
    from journey_async.core.events import Event
    from journey_async.core.kinds import Kind, Result
    from journey_async.core.matching import Match
    from journey_async.core.records import Record

URLS = [f"https://cdn.example.com/0_{number}.png" for number in range(4)]
VALUES: dict[str, object] = {
    "original_image_url": "https://cdn.example.com/grid.png",
    "image_urls": URLS,
    "image_url": URLS[0],
    "video_urls": URLS,
    "content": ["an elk"],
    "seed": "7",
}


def item(kind: Kind, task_id: str, **more: object) -> dict[str, object]:
    """Make a finished task as the service tells it."""
    return {"task_id": task_id, "status": "finished", **{name: VALUES[name] for name in kind.fields}, **more}


def finished(kind: Kind, task_id: str = "task", **more: object) -> Finished[Result]:
    state = read_item(item(kind, task_id, **more), kind=kind)
    assert isinstance(state, Finished)
    return state


def failed(task_id: str = "task", error: str = "Content policy violation") -> Failed:
    state = read_item({"task_id": task_id, "status": "failed", "error": error})
    assert isinstance(state, Failed)
    return state


def refusal(status: int = 400) -> ApiError:
    kind = {400: BadRequestError, 402: InsufficientCreditsError}.get(status, ApiError)
    return kind("no", method="POST", path="/imagine", status=status, paid=True)


class Life:
    """One life of a run; `again` is the next one, with nothing but the journal."""

    def __init__(self, nodes: Iterable[Node[Any]], journal: Sequence[str] = ()) -> None:
        self.nodes = tuple(nodes)
        self.journal = list(journal)
        self.now = 1000.0 + len(journal)
        history = fold(map(decode, journal))
        history.try_again()
        self.match: Match = matched(self.nodes, history)
        for record in self.match.drawn:
            history.take(record)
        self.state = RunState(self.nodes, self.match.numbers, history, self.match.differences)
        keys = {str(number): node.key for number, node in zip(self.match.numbers, self.nodes, strict=True)}
        began = RunBegan(at=self.now, version="1", slots=5, balance=100, keys=keys)
        history.take(began)
        new: list[Record] = [*self.match.drawn, began]
        self.journal += map(encode, new)
        self._sent = 0

    def again(self, nodes: Iterable[Node[Any]] | None = None) -> Life:
        self.news()
        return Life(self.nodes if nodes is None else nodes, self.journal)

    def news(self) -> list[Event]:
        """Write down what is to be recorded, and give what is to be told."""
        news = self.state.news()
        self.journal += map(encode, news.records)
        return list(news.events)

    def told(self) -> list[tuple[str, str]]:
        """Give what is told, of nodes alone, in short."""
        of_the_run = (RunPlanned, RunPaused, RunResumed, RunWaiting)
        return [(event.state, event.node.key) for event in self.news() if not isinstance(event, of_the_run)]

    def row(self, node: Node[Any]) -> Any:
        return self.state.row(self.place(node))

    def states(self) -> list[str]:
        return [row.state for row in self.state.outcome()]

    def place(self, node: Node[Any]) -> int:
        return [own.key for own in self.nodes].index(node.key)

    def take(self) -> Node[Any] | None:
        place = self.state.take()
        return None if place is None else self.nodes[place]

    def send(self) -> tuple[int, str]:
        """Take the next node and let its request leave."""
        place = self.state.take()
        assert place is not None
        self._sent += 1
        intent = f"intent {len(self.journal)}.{self._sent}"
        parent = self.state.parent_result(place)
        self.state.intend(place, intent, parent=None if parent is None else parent.task_id, now=self.now)
        return place, intent

    def accept(self, task_id: str = "task") -> int:
        place, intent = self.send()
        self.state.accepted(place, intent, task_id, now=self.now)
        return place

    def finish(self, task_id: str = "task") -> int:
        """Send the next node, and let it end well."""
        place = self.accept(task_id)
        self.state.ended(place, finished(self.nodes[place].kind, task_id), now=self.now)
        return place

    def fail(self, task_id: str = "task") -> int:
        place = self.accept(task_id)
        self.state.ended(place, failed(task_id), now=self.now)
        return place

    def refuse(self, status: int = 400) -> int:
        place, intent = self.send()
        self.state.refused(place, intent, refusal(status), now=self.now)
        return place

    def doubt(self, why: str = "the connection broke") -> int:
        place, intent = self.send()
        parent = self.state.parent_result(place)
        asked = order(self.state.action(place), None if parent is None else parent.task_id, intent_id=intent)
        self.state.doubted(place, SubmissionInDoubtError(asked.intent, why=why))
        return place
