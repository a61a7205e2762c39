"""What may follow a task, as data for menus and buttons: in a Midjourney user's words and order.

The table here says which buttons there are and what each decides. Which kind of task has which of them is asked of
`legality.checked`, and so of the rule table: nothing here knows it a second time.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field

from journey_async.core.actions import ACTIONS
from journey_async.core.kinds import Result
from journey_async.core.legality import checked
from journey_async.errors import Fault, IllegalParentError, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.kinds import Kind

_OPTIONS: Final = ("webhook_url", "webhook_secret", "extra")


@frozen(kw_only=True)
class FollowUp:
    """One thing that may be done next with a task: an action, some fields of which are decided."""

    name: str
    """Its name in ASCII, the same in every version: `u1`, `pan-left`."""
    label: str
    """What Midjourney's users know it as: `U1`, `⬅️`."""
    row: int
    """The row of buttons that it belongs to, 0 to 4; a row has at most five. These are also Discord's limits."""
    action: str
    """The service's name of the action, such as `upscale-1x`."""
    fields: Mapping[str, str] = field(hash=False)
    """The fields that are decided, as they are sent."""
    asks: tuple[str, ...]
    """The fields that are still to be given."""
    takes: tuple[str, ...]
    """The fields that may be given as well."""
    credits: int
    """What it costs when it is accepted."""

    def arguments_with(self, given: Mapping[str, object]) -> dict[str, object]:
        """Give the arguments of the action, *given* among them; one that is still missing is None.

        Raises `InvalidRequestError` for a name that the follow-up does not take, or decides by itself.
        """
        taken = (*self.asks, *self.takes, *_OPTIONS)
        unknown = [name for name in given if name not in taken]
        if unknown:
            raise InvalidRequestError(self.action, [self._not_taken(name) for name in unknown])
        return {**dict.fromkeys(self.asks), **given, **self.fields}

    def _not_taken(self, name: str) -> Fault:
        if name in self.fields:
            message = f"{name} is decided by {self.name} already: leave it out"
        else:
            message = f"{self.name} takes no {name}: use {', '.join((*self.asks, *self.takes, *_OPTIONS))}"
        # The value is not shown: under a mistyped name it may be a secret.
        return Fault(argument=name, value="…", message=message)


_Sketch: TypeAlias = tuple[int, str, str, str, dict[str, str]]
"""Row, name, label, action, decided fields."""

_TILES: Final = ("1", "2", "3", "4")
_SKETCHES: Final[tuple[_Sketch, ...]] = (
    *((0, f"u{tile}", f"U{tile}", "upscale-1x", {"index": tile}) for tile in _TILES),
    (0, "reroll", "Reroll", "reroll", {}),
    *((1, f"v{tile}", f"V{tile}", "variations", {"index": tile}) for tile in _TILES),
    *((2, f"u{tile}-2x", f"U{tile} (2x)", "upscale-2x-4x", {"type": "2x", "index": tile}) for tile in _TILES),
    *((3, f"u{tile}-4x", f"U{tile} (4x)", "upscale-2x-4x", {"type": "4x", "index": tile}) for tile in _TILES),
    (0, "upscale-subtle", "Upscale (Subtle)", "upscale-alt", {"type": "subtle"}),
    (0, "upscale-creative", "Upscale (Creative)", "upscale-alt", {"type": "creative"}),
    (0, "upscale-2x", "Upscale (2x)", "upscale-2x-4x", {"type": "2x"}),
    (0, "upscale-4x", "Upscale (4x)", "upscale-2x-4x", {"type": "4x"}),
    (1, "vary-subtle", "Vary (Subtle)", "variations", {"index": "subtle"}),
    (1, "vary-strong", "Vary (Strong)", "variations", {"index": "strong"}),
    (1, "vary-region", "Vary (Region)", "inpaint", {}),
    (2, "zoom-out-2x", "Zoom Out 2x", "outpaint", {"zoom_ratio": "2"}),
    (2, "zoom-out-1.5x", "Zoom Out 1.5x", "outpaint", {"zoom_ratio": "1.5"}),
    (2, "custom-zoom", "Custom Zoom", "outpaint", {}),
    (2, "make-square", "Make Square", "outpaint", {"zoom_ratio": "1"}),
    (3, "pan-left", "⬅️", "pan", {"direction": "left"}),
    (3, "pan-right", "➡️", "pan", {"direction": "right"}),
    (3, "pan-up", "⬆️", "pan", {"direction": "up"}),
    (3, "pan-down", "⬇️", "pan", {"direction": "down"}),
    *((0, f"extend-{video}", f"Extend {video}", "extend-video", {"index": video}) for video in _TILES),
    (4, "seed", "Seed", "seed", {}),
)


def _follow_up(sketch: _Sketch) -> FollowUp:
    row, name, label, action, fields = sketch
    make = ACTIONS[action]
    # A field that other buttons of the action decide is chosen by choosing the button.
    chosen = {decided for *_, other, others in _SKETCHES if other == action for decided in others}
    return FollowUp(
        name=name,
        label=label,
        row=row,
        action=action,
        fields=MappingProxyType(fields),
        asks=tuple(asked for asked in make.required if asked not in fields),
        takes=tuple(taken for taken in make.optional if taken not in chosen and taken != make.instead_of_parent),
        credits=make.price,
    )


FOLLOW_UPS: Final[Mapping[str, FollowUp]] = MappingProxyType(
    {sketch[1]: _follow_up(sketch) for sketch in sorted(_SKETCHES, key=lambda sketch: sketch[0])}
)
"""Every follow-up there is, by name, row by row."""


def follow_ups(kind: Kind) -> tuple[FollowUp, ...]:
    """Give what may follow a task of *kind*, row by row; nothing follows a kind of which nothing is known."""
    return () if kind is Result else _legal(kind)  # type: ignore[arg-type] # mypy takes the values' hash for the class's


@cache
def _legal(kind: Kind) -> tuple[FollowUp, ...]:
    return tuple(follow_up for follow_up in FOLLOW_UPS.values() if _may_follow(follow_up, kind))


def _may_follow(follow_up: FollowUp, kind: Kind) -> bool:
    arguments = follow_up.arguments_with({})
    try:
        checked(ACTIONS[follow_up.action], arguments, parent="a task", kind=kind)
    except IllegalParentError:
        return False
    except InvalidRequestError:
        # Its parent is legal, and something is still to be asked.
        return True
    return True
