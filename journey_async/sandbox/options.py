"""What the sandbox can be told, checked together."""

from __future__ import annotations

import math
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from journey_async.core.tasks import PLANS
from journey_async.errors import ConfigurationError
from journey_async.sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

API_KEY: Final = "japi_sandbox_key"
"""The API key that the sandbox takes unless it is given another."""
ENTERPRISE_SLOTS: Final = 50
"""Tasks at once on the plan `enterprise`, unless `slots` says otherwise: the service agrees on them one by one."""

_KEY = re.compile(r"[!-~]+")
_PLANS: Final = (*PLANS, "enterprise")


@frozen(kw_only=True)
class Options:
    """The account and the pace of a sandbox. Making one raises `ConfigurationError` that tells all that is wrong."""

    plan: str = "starter"
    """basic, starter, growth or enterprise: how many tasks run at once."""
    credits: int = 1000
    speed: float = 1.0
    """Sandbox seconds per real second."""
    api_key: str = field(default=API_KEY, repr=False)
    seed: int = 1
    """What everything that looks like chance comes from."""
    task_seconds: float | None = None
    """Real seconds that every task takes, whatever the speed; None for realistic durations divided by speed."""
    slots: int | None = None
    """Tasks at once; None for the plan's number."""
    faults: Iterable[str | Fault] = ()
    """As `Fault.parse` reads them."""
    host: str = "127.0.0.1"
    port: int = 0
    """0 for any free one."""
    exposed: bool = False
    """Whether *host* may be an address that other machines reach."""

    def __attrs_post_init__(self) -> None:
        problems = [
            f"{name}={'…' if name == 'api_key' else repr(getattr(self, name))}: must be {allowed}"
            for name, right, allowed in (
                ("plan", self.plan in _PLANS, f"one of {', '.join(_PLANS)}"),
                ("credits", _whole(self.credits, 0), "a whole number, 0 or more"),
                ("speed", _number(self.speed) and self.speed > 0, "a number above 0"),
                ("api_key", _is_key(self.api_key), "a text of visible ASCII characters without blanks"),
                ("seed", _whole(self.seed), "a whole number"),
                ("task_seconds", _number_or_none(self.task_seconds), "None or a number, 0 or more"),
                ("slots", self.slots is None or _whole(self.slots, 1), "None or a whole number, 1 or more"),
                ("host", _is_text(self.host), "the name or the address to listen at"),
                ("exposed", _is_flag(self.exposed), "True or False"),
                ("port", _whole(self.port, 0) and self.port < 1 << 16, "a whole number from 0 to 65535"),
            )
            if not right
        ]
        if _is_text(self.host) and not (self.exposed or is_loopback(self.host)):
            why = "other machines may reach it there, and whoever does has the account and its pictures"
            problems.append(f"host={self.host!r}: {why}; say exposed=True (--exposed) if that is meant")
        problems += _wrong_faults(self.faults)
        if problems:
            raise ConfigurationError(f"sandbox: {'; '.join(problems)}")

    @property
    def tasks_at_once(self) -> int:
        """How many unfinished tasks the account may have."""
        return self.slots if self.slots is not None else PLANS.get(self.plan, ENTERPRISE_SLOTS)


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine is reached by this name or address."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _wrong_faults(faults: Iterable[str | Fault]) -> Iterator[str]:
    for fault in faults:
        try:
            _ = fault if isinstance(fault, Fault) else Fault.parse(str(fault))
        except ConfigurationError as error:
            yield error.message


# Callers without a type checker pass anything: these look at the value and not at the annotation.


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and _number(value) and value >= 0)


def _whole(value: object, least: int | None = None) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and (least is None or value >= least)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None
