"""What can go wrong between a client and the service, by name, so that it can be asked for."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from journey_async.core.actions import ACTIONS
from journey_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from random import Random

MUTATING: Final = tuple(ACTIONS)
"""The endpoints that cost credits."""
FREE: Final = ("fetch", "fetch-many", "account")
ENDPOINTS: Final = (*MUTATING, *FREE)
SLOW_REPLY: Final = 2.0
"""Real seconds, whatever the speed, for which `slow-reply` holds a reply back."""
LATE_WEBHOOK: Final = 60.0
"""Sandbox seconds by which `late-webhook` delays a delivery."""
STUCK_AT: Final = 93
"""Percent at which a stuck task stays."""


@frozen(kw_only=True)
class _Scope:
    """Where a fault can be asked for, and where it strikes when no endpoint is named."""

    possible: tuple[str, ...]
    unnamed: tuple[str, ...]


_TASKS = _Scope(possible=MUTATING, unnamed=MUTATING)
_ACCEPTANCE = _Scope(possible=ENDPOINTS, unnamed=MUTATING)
_ANYWHERE = _Scope(possible=ENDPOINTS, unnamed=ENDPOINTS)
_IDS = _Scope(possible=("fetch", "fetch-many"), unnamed=("fetch", "fetch-many"))

BEFORE: Final = ("reset-before-accept", "http-500", "http-502", "http-429", "http-429-bare")
"""Strike on arrival: nothing is accepted."""
AFTER: Final = ("lost-reply", "error-after-accept", "truncated-json", "not-json")
"""Strike the reply of a request that was accepted or answered; `slow-reply` can join them."""

_SCOPES: Final[Mapping[str, _Scope]] = MappingProxyType(
    {
        "lost-reply": _ACCEPTANCE,
        "error-after-accept": _TASKS,
        "reset-before-accept": _ACCEPTANCE,
        "http-500": _ANYWHERE,
        "http-502": _ANYWHERE,
        "http-429": _ACCEPTANCE,
        "http-429-bare": _ACCEPTANCE,
        "slow-reply": _ANYWHERE,
        "truncated-json": _ANYWHERE,
        "not-json": _ANYWHERE,
        "omit-id": _IDS,
        "stuck": _TASKS,
        "task-failed": _TASKS,
        "lost-webhook": _TASKS,
        "late-webhook": _TASKS,
        "double-webhook": _TASKS,
        "backward-webhook": _TASKS,
    }
)

FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lost-reply": "accepted, then the connection is cut before the answer",
        "error-after-accept": "accepted, then answered with 500 and {}",
        "reset-before-accept": "not accepted: the connection is cut",
        "http-500": "not accepted: 500 and {}",
        "http-502": "not accepted: 502 and a page of HTML",
        "http-429": "not accepted: 429 with Retry-After: 1",
        "http-429-bare": "not accepted: 429 without Retry-After",
        "slow-reply": f"the reply is held for {SLOW_REPLY:g} real seconds",
        "truncated-json": "accepted, and the reply is cut in the middle of its JSON",
        "not-json": "accepted, and the reply is a page of HTML with status 200",
        "omit-id": "fetch-many leaves one id out, fetch does not find the task",
        "stuck": f"the task stays at {STUCK_AT} %",
        "task-failed": "the task fails",
        "lost-webhook": "the delivery is never sent",
        "late-webhook": f"the delivery is sent {LATE_WEBHOOK:g} sandbox seconds late",
        "double-webhook": "the delivery is sent twice",
        "backward-webhook": "an older delivery, still processing, follows the final one",
    }
)
"""Every fault by name, and what it does."""

_SPEC: Final = "NAME[:ENDPOINT[:PROBABILITY or COUNT]]"
_COUNT = re.compile(r"[0-9]{1,9}")
_PROBABILITY = re.compile(r"[0-9]*\.[0-9]+(e-[0-9]{1,3})?|[0-9]+\.|[0-9]e-[0-9]{1,3}")


@frozen
class Fault:
    """One fault: where it strikes, and how often. Making one raises `ConfigurationError` that tells what is allowed."""

    name: str
    endpoint: str | None = None
    """None: every endpoint where the fault makes sense."""
    probability: float = field(default=1.0, kw_only=True)
    count: int | None = field(default=None, kw_only=True)
    """How many requests or tasks it strikes before it is spent; None for no end."""

    def __attrs_post_init__(self) -> None:
        problem = _problem(self)
        if problem is not None:
            raise ConfigurationError(f"fault {str(self)!r}: {problem}")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read `NAME[:ENDPOINT[:PROBABILITY or COUNT]]`: `lost-reply:imagine:1`, `http-500:*:0.2`, `stuck`."""
        name, *rest = text.strip().split(":")
        endpoint = rest[0].strip() if rest else ""
        often = rest[1].strip() if len(rest) > 1 else ""
        if len(rest) > 2 or (often and not _COUNT.fullmatch(often) and not _PROBABILITY.fullmatch(often)):
            how = "a count such as 1 or a probability such as 0.5 (with a point)"
            raise ConfigurationError(f"fault {text!r}: write {_SPEC}, the last part being {how}")
        count = int(often) if _COUNT.fullmatch(often) else None
        probability = float(often) if often and count is None else 1.0
        return cls(name.strip(), None if endpoint in {"", "*"} else endpoint, probability=probability, count=count)

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        often = (
            str(self.count) if self.count is not None else "" if self.probability == 1 else str(float(self.probability))
        )
        parts = (self.name, self.endpoint or ("*" if often else ""), often)
        return ":".join(part for part in parts if part)

    def reaches(self, endpoint: str) -> bool:
        """Tell whether it can strike at *endpoint*."""
        return endpoint == self.endpoint or (self.endpoint is None and endpoint in _SCOPES[self.name].unnamed)


def _problem(fault: Fault) -> str | None:
    scope = _SCOPES.get(fault.name)
    if scope is None:
        return f"unknown, use one of {', '.join(FAULTS)}"
    if fault.endpoint is not None and fault.endpoint not in scope.possible:
        return f"cannot strike {fault.endpoint!r}, use * or one of {', '.join(scope.possible)}"
    if not 0 <= fault.probability <= 1:
        return f"probability is {fault.probability}, use 0.0 to 1.0"
    if fault.count is not None and fault.count < 1:
        return f"count is {fault.count}, use 1 or more"
    return None


class ActiveFaults:
    """The faults in force, each striking until it is spent; chance comes from *chance*."""

    def __init__(self, faults: Iterable[str | Fault], chance: Random) -> None:
        self._chance = chance
        self._active = [fault if isinstance(fault, Fault) else Fault.parse(fault) for fault in faults]

    @property
    def active(self) -> tuple[Fault, ...]:
        """What can still strike, with the counts that are left."""
        return tuple(self._active)

    def strike(self, names: Collection[str], endpoint: str) -> str | None:
        """Give the first fault out of *names* that strikes at *endpoint*, and count it."""
        for place, fault in enumerate(self._active):
            if fault.name not in names or not fault.reaches(endpoint):
                continue
            if fault.probability < 1 and self._chance.random() >= fault.probability:
                continue
            if fault.count is not None:
                left = [evolve(fault, count=fault.count - 1)] if fault.count > 1 else []
                self._active[place : place + 1] = left
            return fault.name
        return None
