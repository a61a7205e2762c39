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
    charges: list[Charge]


class Books:
    """Keeps the ledger."""

    def __init__(self, *, credits: int) -> None:  # noqa: A002 - the service's word
        self.credits = credits
        self.in_flight = 0
        self._charged = 0
        self._refunded = 0
        self._requests: Counter[str] = Counter()
        self._charges: dict[str, Charge] = {}

    def received(self, path: str) -> None:
        """Count a request."""
        self._requests[path] += 1

    def charge(self, task_id: str, *, action: str, price: int) -> None:
        """Take the credits of a task that begins."""
        self.credits -= price
        self._charged += price
        self.in_flight += 1
        self._charges[task_id] = Charge(task_id=task_id, action=action, credits=price, refunded=False)

    def ended(self, task_id: str, *, failed: bool) -> None:
        """Note that a task ended; the credits of a failed one come back."""
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
            charges=[charge.copy() for charge in self._charges.values()],
        )
