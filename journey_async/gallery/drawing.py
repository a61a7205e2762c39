"""The timeline as a drawing: which rectangle stands where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from journey_async.gallery.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from journey_async.gallery.model import Entry
    from journey_async.gallery.timeline import Bar, Timeline

WIDTH: Final = 1000
LANE: Final = 10
"""Height of a lane, with the gap above it."""
GAP: Final = 2
NARROWEST: Final = 1.5
_SHORT, _MIDDLE = 6, 16


@frozen(kw_only=True)
class Block:
    """One rectangle."""

    x: float
    y: float
    width: float
    height: float
    kind: str = ""
    place: int | None = None
    title: str = ""


@frozen(kw_only=True)
class Drawing:
    """Tasks as bars in lanes, before an area as high as the slots that the plan has."""

    height: int
    tallness: str
    """few, some or many lanes."""
    areas: tuple[Block, ...]
    bars: tuple[Block, ...]
    summary: str
    end: str


def drawing(timeline: Timeline, entries: Sequence[Entry]) -> Drawing | None:
    """Draw *timeline*; None if no task ever was on its way."""
    if not timeline.bars or not timeline.seconds:
        return None
    lanes = max(timeline.lanes, timeline.slots or 0)
    scale = WIDTH / timeline.seconds
    return Drawing(
        height=lanes * LANE,
        tallness="few" if lanes <= _SHORT else "some" if lanes <= _MIDDLE else "many",
        areas=tuple(_areas(timeline, lanes, scale)),
        bars=tuple(_block(bar, entries, lanes, scale) for bar in timeline.bars),
        summary=_summary(timeline),
        end=duration(timeline.seconds),
    )


def _areas(timeline: Timeline, lanes: int, scale: float) -> Iterator[Block]:
    for stretch in timeline.stretches:
        height = (stretch.slots or lanes) * LANE
        width = max(0.0, (stretch.end - stretch.start) * scale - 1)
        yield Block(x=_short(stretch.start * scale), y=lanes * LANE - height, width=_short(width), height=height)


def _block(bar: Bar, entries: Sequence[Entry], lanes: int, scale: float) -> Block:
    key = "no longer in the graph" if bar.place is None else entries[bar.place].key
    action = "" if bar.place is None else f" {entries[bar.place].action}"
    ended = "" if bar.ended == "finished" else f", {'on its way' if bar.ended == 'open' else 'failed'}"
    return Block(
        x=_short(bar.start * scale),
        y=(lanes - 1 - bar.lane) * LANE + GAP,
        width=_short(max(NARROWEST, (bar.end - bar.start) * scale - 1)),
        height=LANE - GAP,
        kind=bar.ended,
        place=bar.place,
        title=f"{key}{action}: {duration(bar.end - bar.start)}{ended}",
    )


def _summary(timeline: Timeline) -> str:
    slots, fullness = timeline.slots, timeline.fullness
    tasks = "1 task" if len(timeline.bars) == 1 else f"{len(timeline.bars)} tasks"
    if slots is None:
        return f"{tasks}, at most {timeline.lanes} at once"
    average = "" if fullness is None else f", {fullness:.0%} full on average"
    return f"{tasks}, at most {timeline.lanes} of {slots} slots in use{average}"


def _short(number: float) -> float:
    return round(number, 2)
