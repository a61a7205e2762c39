"""What is believed of the slots goes through the database as it is."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from journey_async.cluster import beliefs
from journey_async.core.belief import Belief

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Row:
    """Stands for the connection, and for the one row that is behind it."""

    def __init__(self, belief: str = "{}") -> None:
        self.belief = belief
        self.asked: list[str] = []

    def execute(self, query: object, values: dict[str, str] | None = None) -> Row:
        self.asked.append(str(query))
        self.belief = self.belief if values is None else values["belief"]
        return self

    def one(self) -> SimpleNamespace:
        return SimpleNamespace(belief=self.belief, now=1000.0)


def connected(row: Row) -> Connection:
    return cast("Connection", row)


@st.composite
def lived(draw: st.DrawFn) -> Belief:
    """What an account comes to believe: plans that are told, 429s, and tasks that are accepted."""
    belief, now = Belief(running=draw(st.booleans())), draw(st.floats(0, 2e9))
    for _ in range(draw(st.integers(0, 8))):
        now += draw(st.floats(0, 200))
        match draw(st.sampled_from(["told", "refused", "accepted"])):
            case "told":
                belief = belief.told(draw(st.lists(st.none() | st.integers(1, 60), max_size=3)), now=now)
            case "refused":
                belief = belief.refused(busy=draw(st.integers(0, 60)), now=now, first=0.5, longest=20.0)
            case _:
                belief = belief.accepted(busy=draw(st.integers(1, 60)), now=now)
    return belief


@given(lived())
def test_what_was_written_is_read_as_it_was(belief: Belief) -> None:
    row = Row()
    beliefs.write(connected(row), belief)
    assert beliefs.read(connected(row)) == (belief, 1000.0)
    assert beliefs.locked(connected(row)) == (belief, 1000.0)


@given(lived())
def test_what_is_written_is_json_that_every_reader_knows(belief: Belief) -> None:
    """PostgreSQL takes no infinite number for JSON."""
    row = Row()
    beliefs.write(connected(row), belief)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(row.belief, parse_constant=refuse) is not None


def test_before_anything_is_known_a_run_is_on_its_way_and_nothing_holds_it_back() -> None:
    """The row of a fresh database is empty."""
    belief, _ = beliefs.read(connected(Row()))
    assert belief == Belief(running=True)
    assert belief.quiet_until == -math.inf


def test_who_wants_to_change_a_belief_holds_the_row() -> None:
    row = Row()
    beliefs.read(connected(row))
    beliefs.locked(connected(row))
    looked, held = row.asked
    assert held == f"{looked} FOR UPDATE"
