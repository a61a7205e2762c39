"""What a gallery shows of a run, as values: made from its outcome and its records, without clock, network or file."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import frozen

from journey_async.core.events import NodeFailed, NodeFinished, NodeInDoubt, NodeSkipped, NodeSubmitted, NodeWaiting
from journey_async.core.kinds import Description, Grid, Result, Seed, Shortening
from journey_async.core.media import shown
from journey_async.errors import JourneyError, SubmissionInDoubtError, TaskFailedError
from journey_async.gallery.timeline import Timeline, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from journey_async.core.events import Row
    from journey_async.core.node import Node
    from journey_async.core.outcome import Outcome
    from journey_async.core.records import Record
    from journey_async.core.spending import Spending

STATES: Final = ("finished", "submitted", "waiting", "failed", "in doubt", "skipped")
"""Every state of a node, in the order in which they are told."""
_NOT_PARAMETERS: Final = frozenset({"prompt", "webhook_url", "webhook_secret"})
"""The prompt is shown on its own; an address of a webhook may hold a token, and says nothing about a picture."""


@frozen(kw_only=True)
class Entry:
    """One node as it is shown."""

    place: int
    """In drawing order."""
    key: str
    action: str
    """The service's name of it; `existing` for a task that was there before the graph."""
    parent: int | None
    children: tuple[int, ...] = ()
    state: str
    prompt: str | None
    """Its own, or that of the nearest node above it that has one."""
    own_prompt: bool
    parameters: tuple[tuple[str, str], ...] = ()
    credits: int
    seconds: float | None = None
    """From being accepted until its end was noticed."""
    submitted_at: float | None = None
    ended_at: float | None = None
    task_id: str | None = None
    note: str = ""
    """Why it has no result."""
    texts: tuple[str, ...] = ()
    """The result, where that is text."""
    tile: int | None = None
    """Which tile of its parent it was made from."""
    result: Result | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is to be expected of it."""
        return self.state not in {"waiting", "submitted"}

    @property
    def grid(self) -> bool:
        """Whether its result is four tiles."""
        return isinstance(self.result, Grid)


@frozen(kw_only=True)
class Show:
    """A whole run as it is shown."""

    title: str
    entries: tuple[Entry, ...]
    states: Mapping[str, int]
    """How many nodes are in each state that occurs."""
    actions: Mapping[str, int]
    """How many nodes there are of each action."""
    spending: Spending
    timeline: Timeline

    @property
    def roots(self) -> tuple[Entry, ...]:
        """The entries without a parent."""
        return tuple(entry for entry in self.entries if entry.parent is None)

    @property
    def over(self) -> bool:
        """Whether every node has ended; what is below one in doubt waits for a decision, not for the service."""
        return bool(self.entries) and all(entry.over or entry.note for entry in self.entries)


def show(outcome: Outcome, records: Sequence[Record], *, title: str) -> Show:
    """Give what is to be shown of *outcome*, which *records* came to."""
    rows = tuple(outcome)
    places = {row.node.key: place for place, row in enumerate(rows)}
    children: list[list[int]] = [[] for _ in rows]
    for place, row in enumerate(rows):
        if row.node.parent is not None:
            children[places[row.node.parent.key]].append(place)
    entries: list[Entry] = []
    for place, row in enumerate(rows):
        parent = None if row.node.parent is None else entries[places[row.node.parent.key]]
        entries.append(_entry(row, place, parent, tuple(children[place])))
    states = Counter(entry.state for entry in entries)
    return Show(
        title=title,
        entries=tuple(entries),
        states={state: states[state] for state in STATES if state in states},
        actions=dict(sorted(Counter(entry.action for entry in entries).items())),
        spending=outcome.spending,
        timeline=timeline(records, places),
    )


def _entry(row: Row, place: int, parent: Entry | None, children: tuple[int, ...]) -> Entry:
    node: Node[Any] = row.node
    prompt = node.fields.get("prompt")
    own = isinstance(prompt, str)
    submitted_at = getattr(row, "submitted_at", None)
    ended_at = getattr(row, "ended_at", None)
    result: Result | None = row.result if isinstance(row, NodeFinished) else None
    return Entry(
        place=place,
        key=node.key,
        action=node.name,
        parent=None if parent is None else parent.place,
        children=children,
        state=row.state,
        prompt=prompt if isinstance(prompt, str) else parent.prompt if parent is not None else None,
        own_prompt=own,
        parameters=tuple(_parameters(node.fields)),
        credits=node.credits,
        seconds=None if submitted_at is None or ended_at is None else max(0.0, ended_at - submitted_at),
        submitted_at=submitted_at,
        ended_at=ended_at,
        task_id=getattr(row, "task_id", None) or node.task_id,
        note=_note(row),
        texts=tuple(_texts(result)),
        tile=_tile(node.fields.get("index"), parent),
        result=result,
    )


# ---------------------------------------------------------------------------------------------------------------------
# Parameters


def _parameters(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if name == "extra" and isinstance(value, dict):
            yield from _parameters(cast("dict[str, object]", value))
        elif name not in _NOT_PARAMETERS:
            yield name, _told(value)


def _told(value: object) -> str:
    """Write the value of a parameter; pictures by their size, and links without what may be a signature."""
    match value:
        case str() if value.startswith("data:"):
            return f"a picture of {max(1, round(len(value) * 0.75 / 1024))} kB"
        case str() if "://" in value:
            return shown(value)
        case str():
            return value
        case tuple() | list():
            return ", ".join(_told(part) for part in cast("Sequence[object]", value))
        case _ if callable(value):
            return "chosen from the finished parent"
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _tile(index: object, parent: Entry | None) -> int | None:
    if parent is None or index is None or callable(index):
        return None
    return int(str(index)) if str(index) in {"1", "2", "3", "4"} else None


# ---------------------------------------------------------------------------------------------------------------------
# Words


def _note(row: Row) -> str:
    match row:
        case NodeFailed():
            return _said(row.error)
        case NodeInDoubt():
            return f"It may or may not have been accepted and charged: {row.error.why}"
        case NodeSkipped():
            return row.why if row.because is row.node else f"{row.why}: {row.because.key}"
        case NodeWaiting(held_by=held) if held is not None:
            return f"{held.key} above it is in doubt"
        case NodeWaiting() | NodeSubmitted() | NodeFinished():
            return ""


def _said(error: Exception) -> str:
    match error:
        case TaskFailedError():
            return error.reason
        case SubmissionInDoubtError():
            return f"It was given up while in doubt: {error.why}"
        case JourneyError():
            return error.message
        case _:
            return str(error) or type(error).__name__


def _texts(result: Result | None) -> Iterator[str]:
    match result:
        case Description() | Shortening():
            yield from result.content
        case Seed():
            yield f"seed {result.seed}"
        case _:
            pass
