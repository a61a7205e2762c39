"""What the sandbox answers, as a value that the server carries out."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from journey_async.sandbox import messages

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSON: Final = MappingProxyType({"Content-Type": "application/json"})
_HTML: Final = MappingProxyType({"Content-Type": "text/html; charset=utf-8"})
_BAD_GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
_NOT_JSON: Final = (
    b"<html><head><title>Just a moment</title></head><body><h1>Checking your browser</h1></body></html>\n"
)


@frozen(kw_only=True)
class Answer:
    """One reply of the service, or none at all."""

    status: int = 200
    headers: Mapping[str, str] = field(default=_JSON, repr=False)
    body: bytes = b"{}"
    delay: float = 0.0
    """Sandbox seconds for which the reply is held back; infinite for one that never comes."""
    cut: bool = False
    """Whether the connection is cut after the delay instead of replying; the status is 0 then."""

    @property
    def accepted(self) -> bool:
        """Whether it says yes."""
        return self.status == 200


def reply(value: object, *, delay: float = 0.0) -> Answer:
    """Answer yes, with *value* as JSON."""
    return Answer(body=json.dumps(value).encode(), delay=delay)


def refusal(status: int, *said: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer no, in the shape of the service's errors."""
    body = json.dumps({"errors": [{"msg": message} for message in said]}).encode()
    return Answer(status=status, headers={**_JSON, **(headers or {})}, body=body)


UNAUTHORIZED: Final = Answer(status=401)
BROKEN: Final = Answer(status=500)
INSUFFICIENT_CREDITS: Final = refusal(402, messages.INSUFFICIENT_CREDITS)
RATE_LIMIT: Final = refusal(429, messages.RATE_LIMIT)
_INSTEAD: Final = MappingProxyType(
    {
        "reset-before-accept": Answer(cut=True, status=0),
        "http-500": BROKEN,
        "http-502": Answer(status=502, headers=_HTML, body=_BAD_GATEWAY),
        "http-429": refusal(429, messages.RATE_LIMIT, headers={"Retry-After": "1"}),
        "http-429-bare": RATE_LIMIT,
    }
)


def instead(fault: str) -> Answer:
    """Give what is answered in place of handling the request, by one of the faults in `faults.BEFORE`."""
    return _INSTEAD[fault]


def spoiled(answer: Answer, fault: str) -> Answer:
    """Give what becomes of the answer to a request that was handled, by one of the faults in `faults.AFTER`."""
    if fault == "lost-reply":
        # Cut at once, also where a synchronous model would be heard of later: what is lost is lost either way.
        return Answer(cut=True, status=0)
    if fault == "error-after-accept":
        return BROKEN
    if fault == "truncated-json":
        return evolve(answer, body=answer.body[: len(answer.body) // 2])
    return evolve(answer, headers=_HTML, body=_NOT_JSON)
