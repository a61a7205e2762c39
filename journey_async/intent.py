"""The record of one paid request, made before it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field

from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen(kw_only=True)
class Intent:
    """One paid request that is about to leave, has left, or may have been accepted."""

    id: str
    """Made by the client; the service never sees it as a key, for it has none."""
    action: str
    """The service's name of the action, such as `upscale-1x`."""
    parent: str | None = None
    """The task id of the parent."""
    path: str
    body: Mapping[str, object] = field(repr=False)
    """What the user asked for, without the webhook secret and what a webhook receiver adds."""
