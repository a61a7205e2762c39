"""What all who use an account believe of the number of its slots: one row."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from attrs import asdict
from sqlalchemy import text

from journey_async.core.belief import Belief

if TYPE_CHECKING:
    from sqlalchemy import Connection

_READ = "SELECT belief, extract(epoch FROM clock_timestamp())::float8 AS now FROM journey.account"


def read(connection: Connection) -> tuple[Belief, float]:
    """Give what is believed, and the time of the database in seconds since 1970: all machines go by that."""
    row = connection.execute(text(_READ)).one()
    return _decoded(row.belief), row.now


def locked(connection: Connection) -> tuple[Belief, float]:
    """Give the same; nobody else takes a slot or changes a belief before the transaction ends."""
    row = connection.execute(text(f"{_READ} FOR UPDATE")).one()
    return _decoded(row.belief), row.now


def write(connection: Connection, belief: Belief) -> None:
    """Let *belief* be what is believed."""
    connection.execute(text("UPDATE journey.account SET belief = :belief"), {"belief": _encoded(belief)})


def _encoded(belief: Belief) -> str:
    values = asdict(belief)
    if math.isinf(belief.quiet_until):
        del values["quiet_until"]
    return json.dumps(values)


def _decoded(value: str) -> Belief:
    # A run is always taken to be on its way: then the plan's number holds, and nothing fades.
    given: dict[str, Any] = {"running": True, **json.loads(value)}
    return Belief(**given)
