"""When the tasks of a run were on their way, and how full the plan was: from the records of a journal alone."""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import define, evolve, frozen

from journey_async.core.records import Accepted, Ended, Intended, RunBegan, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from journey_async.core.records import Record


@frozen(kw_only=True)
class Bar:
    """One task on its way; times are seconds since the first run began, without the pauses between runs."""

    place: int | None
    """Of its node; None for one that is no longer in the graph."""
    start: float
    end: float
    ended: str
    """`finished`, `failed`, or `open` for a task that has not ended."""
    lane: int = 0
    """Tasks in one lane never overlap, and there are as few lanes as that takes."""


@frozen(kw_only=True)
class Stretch:
    """One run of a journal, on the same clock as the bars."""

    start: float
    end: float
    slots: int | None
    """How many tasks it was allowed at once, where that was known."""


@frozen(kw_only=True)
class Timeline:
    """All tasks of a journal."""

    bars: tuple[Bar, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    began_at: float | None = None
    """When the first run began, in seconds since 1970."""

    @property
    def seconds(self) -> float:
        """How long the runs took together."""
        return self.stretches[-1].end if self.stretches else 0.0

    @property
    def lanes(self) -> int:
        """How many tasks were on their way at once, at the most."""
        return 1 + max((bar.lane for bar in self.bars), default=-1)

    @property
    def slots(self) -> int | None:
        """The most tasks at once that any of the runs was allowed."""
        return max((stretch.slots for stretch in self.stretches if stretch.slots), default=None)

    @property
    def fullness(self) -> float | None:
        """The part of the plan's slots that was in use, 0 to 1; None where their number or all times are unknown."""
        if any(stretch.slots is None for stretch in self.stretches):
            return None
        allowed = sum((stretch.end - stretch.start) * (stretch.slots or 0) for stretch in self.stretches)
        return min(1.0, sum(bar.end - bar.start for bar in self.bars) / allowed) if allowed else None

    @property
    def steps(self) -> tuple[tuple[float, int], ...]:
        """How many tasks were on their way from each moment on at which that changed."""
        changes: Counter[float] = Counter()
        for bar in self.bars:
            changes[bar.start] += 1
            changes[bar.end] -= 1
        count, steps = 0, [(0.0, 0)]
        for moment in sorted(changes):
            count += changes[moment]
            steps.append((moment, count))
        return tuple(steps)


@define
class _Span:
    number: int
    start: float
    end: float | None = None
    failed: bool = False


def timeline(records: Iterable[Record], places: Mapping[str, int]) -> Timeline:
    """Put the tasks of *records* on one clock; *places* are those of the nodes by key."""
    runs: list[tuple[RunBegan, float]] = []
    spans: list[_Span] = []
    running: dict[int, _Span] = {}
    numbers: dict[str, int] = {}
    for record in records:
        match record:
            case RunBegan():
                runs.append((record, record.at))
            case Intended():
                numbers[record.intent] = record.number
            case Accepted():
                _start(record.at, numbers[record.intent], spans, running)
            case Settled(how="adopted"):
                _start(record.at, record.number, spans, running)
            case Ended():
                span = running.pop(record.number, None)
                if span is not None:
                    span.end, span.failed = record.at, record.failed
            case _:
                pass
        if runs and not isinstance(record, Settled):
            # What is settled between two runs is no part of either. Clocks may be set back.
            runs[-1] = (runs[-1][0], max(runs[-1][1], getattr(record, "at", 0.0)))
    return _drawn(runs, spans, places)


def _start(at: float, number: int, spans: list[_Span], running: dict[int, _Span]) -> None:
    running[number] = span = _Span(number=number, start=at)
    spans.append(span)


def _drawn(runs: Sequence[tuple[RunBegan, float]], spans: Iterable[_Span], places: Mapping[str, int]) -> Timeline:
    if not runs:
        return Timeline()
    moments = _moments(runs)
    stretches = tuple(
        Stretch(start=start, end=end, slots=began.slots)
        for (began, _), (start, end) in zip(runs, pairwise(_starts(moments)), strict=True)
    )
    last = stretches[-1].end
    keys = {int(number): key for number, key in runs[-1][0].keys.items()}
    bars = [
        Bar(
            place=places.get(keys.get(span.number, "")) if span.number in keys else None,
            start=_on_clock(span.start, moments),
            end=last if span.end is None else max(_on_clock(span.start, moments), _on_clock(span.end, moments)),
            ended="open" if span.end is None else "failed" if span.failed else "finished",
        )
        for span in spans
    ]
    return Timeline(bars=tuple(_in_lanes(bars)), stretches=stretches, began_at=runs[0][0].at)


def _moments(runs: Sequence[tuple[RunBegan, float]]) -> tuple[tuple[float, float], ...]:
    """Give when each run began and when it was last heard of; none begins before the one before it was over."""
    moments: list[tuple[float, float]] = []
    for began, last in runs:
        start = max(began.at, moments[-1][1]) if moments else began.at
        moments.append((start, max(start, last)))
    return tuple(moments)


def _starts(moments: Iterable[tuple[float, float]]) -> Iterator[float]:
    """Give where each run starts on the clock without pauses, and in the end where the last one ends."""
    passed = 0.0
    for start, end in moments:
        yield passed
        passed += end - start
    yield passed


def _on_clock(at: float, moments: Iterable[tuple[float, float]]) -> float:
    """Give the seconds of running before *at*: pauses do not count."""
    return sum(max(0.0, min(at, end) - start) for start, end in moments)


def _in_lanes(bars: Iterable[Bar]) -> Iterator[Bar]:
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    lanes = 0
    for bar in sorted(bars, key=lambda bar: bar.start):
        while busy and busy[0][0] <= bar.start:
            heappush(free, heappop(busy)[1])
        lane = heappop(free) if free else lanes
        lanes = max(lanes, lane + 1)
        heappush(busy, (bar.end, lane))
        yield evolve(bar, lane=lane)
