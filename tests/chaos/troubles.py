"""What a hostile network does, as values: which request gets which trouble follows from a seed alone."""

from __future__ import annotations

from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import frozen

from journey_async.sandbox.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

Sort: TypeAlias = Literal["paid", "free", "media"]
"""What a request is: it costs credits, it asks, or it fetches a file."""

TROUBLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reset-on-arrival": "the connection is reset before the service sees the request",
        "mute": "the request is taken, never handed on and never answered",
        "mute-after-accept": "the service handles the request, its reply is kept back for ever",
        "drip": "the reply comes byte by byte",
        "crawl": "the reply comes at one byte a second",
        "10-mb": "the reply is padded to 10 MB",
        "endless": "the reply has no end",
        "length-too-long": "the reply announces more bytes than come",
        "length-too-short": "the reply announces fewer bytes than come",
        "redirect": "the request is not handed on, the reply sends it somewhere else",
        "gzip-bomb": "100 KB of gzip that unpack to 100 MB",
        "half-closed": "a part of the reply, then a FIN; the other half stays open",
        "reset": "a part of the reply, then a RST",
        "chopped": "the reply in pieces of a few bytes, whole",
    }
)
_EVERYWHERE: Final = ("reset-on-arrival", "drip", "length-too-long", "redirect", "half-closed", "reset", "chopped")
_REPLIES: Final = (
    "mute",
    "mute-after-accept",
    "crawl",
    "10-mb",
    "endless",
    "length-too-short",
    "gzip-bomb",
)
POSSIBLE: Final[Mapping[Sort, tuple[str, ...]]] = MappingProxyType(
    # A file has no mark of its end beside the length that its host announces: one too short is a file.
    # And a download that is silent for half a minute is given up after half a minute, and one that crawls is not given
    # up at all: too long for here.
    {"paid": (*_EVERYWHERE, *_REPLIES), "free": (*_EVERYWHERE, *_REPLIES), "media": _EVERYWHERE}
)
REDIRECTS: Final = (301, 302, 303, 307, 308)
RARE: Final = frozenset({"10-mb", "endless", "gzip-bomb"})
"""What costs this machine much."""
OUTAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "network-cut": "nobody listens for a while, all connections are reset",
        "server-restarted": "the server is killed and comes back with its books",
    }
)


@frozen(kw_only=True)
class Trouble:
    """What happens to one request."""

    name: str
    at: float
    """Where in the reply, as a part of its length."""
    status: int


@frozen(kw_only=True)
class Outage:
    """What happens to all of them."""

    name: str
    after: float
    """Seconds from the end of the outage before."""
    lasts: float


def trouble(seed: str, sort: Sort, number: int, rate: float) -> Trouble | None:
    """Say what happens to the request of this *sort* and *number*: a part *rate* of them gets a trouble."""
    chance = Random(f"{seed}/{sort}/{number}")
    if chance.random() >= rate:
        return None
    name = chance.choice(POSSIBLE[sort])
    if name in RARE and chance.random() < 0.5:
        name = chance.choice(_EVERYWHERE)
    return Trouble(name=name, at=chance.random(), status=chance.choice(REDIRECTS))


def outages(seed: str, number: int) -> list[Outage]:
    """Say which outages happen, one after the other."""
    chance = Random(f"{seed}/outages")
    return [
        Outage(name=chance.choice(list(OUTAGES)), after=chance.uniform(0.2, 1.5), lasts=chance.uniform(0.05, 0.5))
        for _ in range(number)
    ]


def mixture(seed: str) -> tuple[str, ...]:
    """Say which faults of the sandbox are in force: each in about half of all mixtures, seldom or often."""
    chance = Random(f"{seed}/faults")
    chosen = [name for name in FAULTS if chance.random() < 0.5]
    return tuple(_fault(name, chance) for name in chosen)


def _fault(name: str, chance: Random) -> str:
    if name in {"stuck", "slow-reply", "http-429"}:
        # A stuck task keeps its slot, a slow reply takes two seconds, and a 429 holds everybody for one.
        return f"{name}:*:{chance.randint(1, 2)}"
    if "webhook" in name:
        return f"{name}:*:{chance.uniform(0.05, 0.3):.3f}"
    return f"{name}:*:{chance.uniform(0.005, 0.04):.3f}"
