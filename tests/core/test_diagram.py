"""The drawing of the rules against the table that it draws."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from journey_async.core.diagram import rules_as_mermaid
from journey_async.core.kinds import kind_of
from tests.core.published import EXPECTED, TABLE, WRITTEN

if TYPE_CHECKING:
    from journey_async.core.kinds import Kind

GIVES = {name: kind_of(written[0]) for name, written in WRITTEN.items()}
WITHOUT_PARENT = [name for name in TABLE if not any(EXPECTED[name].values())]


class Drawing(NamedTuple):
    boxes: dict[str, str]
    """By name: the kinds in it, and what else may follow them."""
    arrows: dict[tuple[str, str, str], str]
    """By where it comes from, what it does and where it leads: how it is drawn."""


def drawing() -> Drawing:
    boxes: dict[str, str] = {}
    arrows: dict[tuple[str, str, str], str] = {}
    head, *lines = rules_as_mermaid().splitlines()
    assert head == "flowchart TD"
    for line in lines:
        if box := re.fullmatch(r"    (\w+)(?:\[|\(\[)\"(.*)\"(?:\]|\]\))", line):
            boxes[box[1]] = box[2]
            continue
        arrow = re.fullmatch(r"    (\w+) (-->|-\.->)\|\"(.*)\"\| (\w+)", line)
        assert arrow is not None, line
        for name in arrow[3].split("<br/>"):
            assert (arrow[1], name, arrow[4]) not in arrows, "drawn twice"
            arrows[arrow[1], name, arrow[4]] = arrow[2]
    return Drawing(boxes, arrows)


def goes_on(kind: Kind) -> bool:
    return any(EXPECTED[name][kind] is not None for name in TABLE)


def box_of(kind: Kind) -> str:
    """Give the name of the box that lists *kind*."""
    label = kind.label.removeprefix("a ").removeprefix("an ")
    (name,) = (name for name, text in drawing().boxes.items() if label in text.split("<br/>"))
    return name


def test_every_step_of_the_table_is_drawn_and_none_besides() -> None:
    arrows = {"documented": "-->", "implied": "-.->"}
    begun = {("start", name, box_of(GIVES[name])): "-->" for name in WITHOUT_PARENT if goes_on(GIVES[name])}
    followed = {
        (box_of(kind), name, box_of(GIVES[name])): arrows[evidence]
        for name in TABLE
        for kind in set(GIVES.values())
        if (evidence := EXPECTED[name][kind]) is not None and goes_on(GIVES[name])
    }

    assert drawing().arrows == begun | followed


def test_a_step_after_which_nothing_follows_is_written_into_the_boxes_that_it_may_follow() -> None:
    boxes = {"start": "no parent"} | {
        box_of(kind): "<br/>".join(
            text for text in drawing().boxes[box_of(kind)].split("<br/>") if "also: " not in text
        )
        for kind in set(GIVES.values())
        if goes_on(kind)
    }
    also = {box: [name for name in TABLE if not goes_on(GIVES[name]) and follows(box, name)] for box in boxes}

    assert drawing().boxes == {
        box: f"{text}<br/><i>also: {', '.join(also[box])}</i>" if also[box] else text for box, text in boxes.items()
    }


def follows(box: str, name: str) -> bool:
    if box == "start":
        return name in WITHOUT_PARENT
    kinds = [kind for kind in set(GIVES.values()) if goes_on(kind) and box_of(kind) == box]
    (may_follow,) = {EXPECTED[name][kind] is not None for kind in kinds}
    return may_follow
