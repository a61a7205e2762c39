"""Tokens: one short text that says which follow-up of which task, for buttons that outlive the process.

A token fits into a button of Telegram (64 bytes) and of Discord (100 characters). It is a convenience and no
authorisation: who may press a button is for the bot to decide, and a token may be used again. Without a secret its
check tells alterations, and anybody can make one; with a secret only who holds that can. The parent is checked against
the rule table before credits are spent, whatever a token says.

    j1:  u2  8hG3…  u  VQ6EAOKbQdSnFkRmVUQAAA
    |    |   |      |  the task id: 16 bytes of a UUID as base64url, or the id as it is
    |    |   |      how the task id is written: u or t
    |    |   the check, 11 characters
    |    which follow-up
    the version of this layout
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from journey_async.core.follow_ups import FOLLOW_UPS, FollowUp, follow_ups
from journey_async.errors import ConfigurationError, Fault, InvalidRequestError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async.core.kinds import Kind

PREFIX: Final = "j1:"
"""What every token begins with."""
LIMIT: Final = 64
"""Bytes: as many as Telegram lets a button carry."""
CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{f"u{tile}": f"u{tile}" for tile in "1234"},
        **{f"v{tile}": f"v{tile}" for tile in "1234"},
        **{f"u{tile}-2x": f"d{tile}" for tile in "1234"},
        **{f"u{tile}-4x": f"q{tile}" for tile in "1234"},
        **{f"extend-{video}": f"e{video}" for video in "1234"},
        "reroll": "rr",
        "upscale-subtle": "us",
        "upscale-creative": "uc",
        "upscale-2x": "ud",
        "upscale-4x": "uq",
        "vary-subtle": "vl",
        "vary-strong": "vs",
        "vary-region": "vr",
        "zoom-out-2x": "z2",
        "zoom-out-1.5x": "z1",
        "custom-zoom": "zc",
        "make-square": "zs",
        "pan-left": "pl",
        "pan-right": "pr",
        "pan-up": "pu",
        "pan-down": "pd",
        "seed": "sd",
    }
)
"""The two characters that stand for a follow-up, by its name; tokens are kept, so none may ever change."""

_BY_CODE: Final = {code: FOLLOW_UPS[name] for name, code in CODES.items()}
_CODE: Final = slice(len(PREFIX), len(PREFIX) + 2)
_CHECK_BYTES: Final = 8
_CHECK_LENGTH: Final = 11
_WRITTEN_ID: Final = slice(_CODE.stop + _CHECK_LENGTH, None)
_ID_LIMIT: Final = LIMIT - _WRITTEN_ID.start - 1
_CONTEXT: Final = b"journey-async token "
"""Keeps checks apart from whatever else is signed with the same secret."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@frozen(kw_only=True)
class NextAction(FollowUp):
    """A follow-up of one task, with the token that stands for both."""

    task_id: str
    """The task that it follows."""
    token: str
    """For a button: `await journey.act(token)` does it, in any process."""


def next_actions(kind: Kind, task_id: str, *, secret: str | bytes | None = None) -> tuple[NextAction, ...]:
    """Give what may follow the task *task_id* of *kind*. Raises what `token` raises."""
    return tuple(_next_action(choice, task_id, token(choice, task_id, secret=secret)) for choice in follow_ups(kind))


def token(follow_up: FollowUp, task_id: str, *, secret: str | bytes | None = None) -> str:
    """Write which follow-up of which task, signed if a *secret* is given, in at most 64 bytes.

    Raises `InvalidRequestError` for a task id that is blank or too long, `ConfigurationError` for an empty secret.
    """
    code = CODES.get(follow_up.name)
    if code is None:
        raise _refusal("follow_up", follow_up.name, "there is no such follow-up: take one of follow_ups(kind)")
    written_id = _written(task_id)
    head = PREFIX + code
    return f"{head}{_check(head + written_id, _key(secret))}{written_id}"


def read_token(text: str, *, secret: str | bytes | None = None) -> NextAction:
    """Read a token; one that was made with a *secret* is read with the same.

    Raises `InvalidRequestError` for any text that is no token or was altered, `ConfigurationError` for an empty secret.
    """
    _key(secret)
    given = _bytes_of(text)
    if given is None or not text.startswith(PREFIX):
        raise _refusal("token", text, f"this is no token, or one of another version: tokens begin with {PREFIX}")
    follow_up = _BY_CODE.get(text[_CODE])
    task_id = _read_id(text[_WRITTEN_ID]) if len(given) <= LIMIT else None
    if follow_up is not None and task_id is not None:
        # Writing it anew checks every character, and leaves each token with one form only.
        written = token(follow_up, task_id, secret=secret)
        if hmac.compare_digest(written.encode(), given):
            return _next_action(follow_up, task_id, written)
    raise _refusal("token", text, "the token was altered or cut off, or made with another secret")


def _next_action(follow_up: FollowUp, task_id: str, written: str) -> NextAction:
    return NextAction(
        name=follow_up.name,
        label=follow_up.label,
        row=follow_up.row,
        action=follow_up.action,
        fields=follow_up.fields,
        asks=follow_up.asks,
        takes=follow_up.takes,
        credits=follow_up.credits,
        task_id=task_id,
        token=written,
    )


def _written(task_id: str) -> str:
    fault = _fault_of_id(task_id)
    if fault is not None:
        raise _refusal("task_id", task_id, fault)
    if _UUID.fullmatch(task_id):
        return "u" + _base64(bytes.fromhex(task_id.replace("-", "")))
    return "t" + task_id


def _read_id(written: str) -> str | None:
    if written.startswith("t"):
        task_id = written[1:]
    elif written.startswith("u"):
        try:
            digits = urlsafe_b64decode(written[1:] + "==").hex()
        except ValueError:
            return None
        task_id = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    else:
        return None
    return task_id if _fault_of_id(task_id) is None else None


def _fault_of_id(task_id: object) -> str | None:
    """Tell why no token can carry *task_id*; None if one can."""
    if not (isinstance(task_id, str) and task_id.strip()):
        return "task_id is required, as a text that is not blank"
    written = _bytes_of(task_id)
    if written is None:
        return "task_id must be a text that can be written as UTF-8"
    if len(written) > _ID_LIMIT and not _UUID.fullmatch(task_id):
        return (
            f"task_id has {len(written)} bytes and a token has room for {_ID_LIMIT} of its {LIMIT}: "
            "keep the id yourself, and take what may follow from follow_ups(kind)"
        )
    return None


def _bytes_of(text: object) -> bytes | None:
    """Give the UTF-8 of what should be a text; None where there is none."""
    try:
        return text.encode() if isinstance(text, str) else None
    except UnicodeEncodeError:
        return None


def _check(text: str, key: bytes) -> str:
    return _base64(hmac.digest(key, _CONTEXT + text.encode(), "sha256")[:_CHECK_BYTES])


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _key(secret: str | bytes | None) -> bytes:
    """Give the key of the check; without a secret it is empty, which makes the check one that anybody can make."""
    if secret is None:
        return b""
    given = secret if isinstance(secret, bytes) else _bytes_of(secret)
    if given is None or not given.strip():
        # Not quietly unsigned: an empty environment variable would open the door.
        raise ConfigurationError("the secret of tokens is empty or no text: give None for tokens without a signature")
    # A digest, because HMAC cannot tell a short key from the same with zeros after it.
    return hashlib.sha256(given).digest()


def _refusal(argument: str, value: object, message: str) -> InvalidRequestError:
    return InvalidRequestError("act", [Fault(argument=argument, value=value, message=message)])
