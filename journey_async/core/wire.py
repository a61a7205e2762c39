"""Requests and replies as values, and the requests that the service understands."""

from __future__ import annotations

import json
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import field

from journey_async.values import define

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from attrs import frozen as _message

    from journey_async.core.actions import Action
else:
    _message = define

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
# `json.dumps` with arguments makes an encoder for every call, which costs four times the encoding.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=dict)
_quoted: Final[Callable[[Any], str]] = encode_basestring_ascii
"""Raises TypeError for what is no text."""


@lru_cache(maxsize=256)
def _begin(name: str) -> str:
    """Give what comes before the value of a member that is not the first."""
    return f",{_quoted(name)}:"


# Not frozen, and by the types nevertheless: made for every request, a value that anybody could write into takes half of
# the time, and less memory for those who wait.
@_message(kw_only=True)
class Request:
    """One HTTP request, not yet sent; *path* is relative to the base URL, such as `/fetch`."""

    method: Literal["GET", "POST"] = "POST"
    path: str
    body: Mapping[str, object] | None = field(default=None, repr=False)
    paid: bool = False
    """Costs credits when it is accepted: never repeated unless it certainly was not."""

    def encoded(self) -> bytes | None:
        """Give the body as JSON bytes."""
        body = self.body
        if body is None:
            return None
        members = ""
        try:
            # Hardly anything but texts is sent. To encode an object, json makes an encoder first, which costs the most.
            for name, value in body.items():
                members += _begin(name) + _quoted(value)
        except TypeError:
            return _ENCODER.encode(body).encode()
        return f"{{{members[1:]}}}".encode()


@_message(kw_only=True)
class Reply:
    """One HTTP reply, whole; the names of *headers* are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default=_NO_HEADERS, repr=False)
    body: bytes = field(default=b"", repr=False)
    received_at: float = field(default=0.0, repr=False)
    """Seconds since 1970, for a Retry-After that is a date."""


ACCOUNT: Final = Request(method="GET", path="/account")


def submission(action: Action, parent: str | None) -> Request:
    """Ask for *action*, following the task *parent*."""
    return Request(path=action.path, body=action.asked(parent), paid=True)


def fetch(task_id: str) -> Request:
    """Ask how one task is doing. https://journeyapi.co/docs/fetch."""
    return Request(path="/fetch", body={"task_id": task_id})


def fetch_many(task_ids: Sequence[str]) -> Request:
    """Ask how 2 to 20 tasks are doing. https://journeyapi.co/docs/fetch-many."""
    return Request(path="/fetch-many", body={"task_ids": list(task_ids)})
