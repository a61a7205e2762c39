"""JourneyAPI in a box: the service's rules, prices, limits, webhooks, pictures and faults, on this machine."""

from __future__ import annotations

try:
    import PIL  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:
    raise ImportError("the sandbox draws with Pillow: pip install 'journey-async[sandbox]'") from error

from journey_async.sandbox.answers import Answer
from journey_async.sandbox.deliveries import Delivery
from journey_async.sandbox.faults import FAULTS, Fault
from journey_async.sandbox.ledger import Charge, Ledger, SlotSeconds
from journey_async.sandbox.options import API_KEY
from journey_async.sandbox.server import Sandbox
from journey_async.sandbox.world import World

__all__ = (
    "API_KEY",
    "FAULTS",
    "Answer",
    "Charge",
    "Delivery",
    "Fault",
    "Ledger",
    "Sandbox",
    "SlotSeconds",
    "World",
)
