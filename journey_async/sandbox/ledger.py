"""What the sandbox's account was asked, charged and given back."""

from __future__ import annotations

from collections import Counter
from typing import TypedDict


class Charge(TypedDict):
    """The credits taken for one accepted task."""

    task_id: str
    action: str
    credits: int
    refunded: bool


class SlotSeconds(TypedDict):
    """How full the plan was, in sandbox seconds from the first acceptance to the last."""

    busy: float
    """What the tasks lived in that time; a task that is stuck lives on."""
    possible: float
    """What they could have lived: the plan's tasks at once, times the length of that time."""


class Ledger(TypedDict):
    """The books of the account; `credits + charged - refunded` is always what it began with."""

    credits: int
    """Left."""
    charged: int
    """Credits taken."""
    refunded: int
    """Credits given back for tasks that failed."""
    accepted: int
    """Paid requests that were accepted."""
    requests: dict[str, int]
    """Requests received by path, refused ones too, such as `{"/fetch": 3}`."""
    in_flight: int
    """Tasks that have not ended."""
    slot_seconds: SlotSeconds
    charges: list[Charge]


class Books:
    """Keeps the ledger. What happens is told in the order of time."""

    def __init__(self, *, credits: int, slots: int) -> None:  # noqa: A002 - the service's word
        self.credits = credits
        self.in_flight = 0
        self._charged = 0
        self._refunded = 0
        self._requests: Counter[str] = Counter()
        self._charges: dict[str, Charge] = {}
        self._slots = slots
        self._now = 0.0
        self._lived = 0.0
        """Seconds that all tasks together have lived until now."""
        self._began: float | None = None
        """The first acceptance."""
        self._until = 0.0
        """The last acceptance."""
        self._busy = 0.0
        """What had been lived by then."""

    def received(self, path: str) -> None:
        """Count a request."""
        self._requests[path] += 1

    def charge(self, task_id: str, *, action: str, price: int, now: float) -> None:
        """Take the credits of a task that begins."""
        self._pass_until(now)
        if self._began is None:
            self._began = now
        self._until, self._busy = now, self._lived
        self.credits -= price
        self._charged += price
        self.in_flight += 1
        self._charges[task_id] = Charge(task_id=task_id, action=action, credits=price, refunded=False)

    def ended(self, task_id: str, *, failed: bool, at: float) -> None:
        """Note that a task ended; the credits of a failed one come back."""
        self._pass_until(at)
        self.in_flight -= 1
        if failed:
            charge = self._charges[task_id]
            charge["refunded"] = True
            self.credits += charge["credits"]
            self._refunded += charge["credits"]

    def ledger(self) -> Ledger:
        """Give a copy of everything."""
        return Ledger(
            credits=self.credits,
            charged=self._charged,
            refunded=self._refunded,
            accepted=len(self._charges),
            requests=dict(self._requests),
            in_flight=self.in_flight,
            slot_seconds=self._slot_seconds(),
            charges=[charge.copy() for charge in self._charges.values()],
        )

    def _pass_until(self, now: float) -> None:
        self._lived += self.in_flight * (now - self._now)
        self._now = now

    def _slot_seconds(self) -> SlotSeconds:
        length = 0.0 if self._began is None else self._until - self._began
        possible = self._slots * length
        # Sums of seconds are rounded: a full plan is not to look fuller than full.
        return SlotSeconds(busy=min(self._busy, possible), possible=possible)
