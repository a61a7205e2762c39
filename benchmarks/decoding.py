"""What would orjson buy, end to end?

The same calls with the module `json` of the client's readers and writers replaced by orjson, and without. It would be
worth an extra from ten percent on.

    python benchmarks/decoding.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import time
from typing import TYPE_CHECKING, Any, Final

import anyio

from benchmarks.paired import Comparison, compare
from benchmarks.quick_server import KEY, serving, task_id
from benchmarks.rows import Row, Size, report
from benchmarks.submitting import AT_ONCE, PROMPT
from journey_async import JourneyClient
from journey_async.core import reading, wire

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 30, "full": 120}


class _Orjson:
    """As much of `json` as the client uses."""

    def __init__(self) -> None:
        self._orjson: Any = importlib.import_module("orjson")

    def loads(self, text: bytes, **_: object) -> object:
        """Decode."""
        return self._orjson.loads(text)

    def dumps(self, value: object, **_: object) -> str:
        """Encode."""
        encoded: bytes = self._orjson.dumps(value)
        return encoded.decode()


def _use(codec: object) -> None:
    for module in (reading, wire):
        setattr(module, "json", codec)  # noqa: B010 - a type checker knows better than to allow it


async def _compare(what: str, rounds: int) -> Comparison:
    orjson = _Orjson()
    ended = [task_id(time.monotonic() - 60, 30, number) for number in range(20)]
    with serving() as server:
        async with JourneyClient(KEY, base_url=server.base_url, proxy="") as journey:

            async def submit() -> None:
                await asyncio.gather(*(journey.imagine(PROMPT) for _ in range(AT_ONCE)))

            async def fetch() -> None:
                await asyncio.gather(*(journey.fetch_many(ended) for _ in range(AT_ONCE)))

            work = submit if what == "submit" else fetch

            async def plain() -> None:
                _use(json)
                await work()

            async def fast() -> None:
                _use(orjson)
                await work()

            try:
                return await compare(plain, fast, rounds=rounds)
            finally:
                _use(json)


def measure(size: Size) -> list[Row]:
    """Compare."""
    rows: list[Row] = []
    for what, name in (("submit", "submissions"), ("fetch", "fetch-many of 20 finished grids")):
        headline = f"with orjson / with json: {name}"
        if importlib.util.find_spec("orjson") is None:
            rows.append(Row(headline=headline, note="orjson is not installed"))
            continue
        found = anyio.run(_compare, what, ROUNDS[size])
        note = f"{found}; worth an extra from 1.10 on"
        rows.append(Row(headline=headline, more_is_better=True, measured=found.ratio, valid=found.valid, note=note))
    return rows


if __name__ == "__main__":
    report(__doc__, measure)
