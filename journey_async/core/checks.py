"""Checks of single arguments: what is allowed, in the service's own words where it publishes them."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard, cast
from urllib.parse import urlsplit

from journey_async.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

# Published by journeyapi.co/docs/errors, letter for letter.
PROMPT_REQUIRED: Final = "prompt is required"
BAD_RATIO: Final = "aspect_ratio must be a valid ratio (e.g., 16:9)"
PARENT_REQUIRED: Final = "parent_task_id is required"
PARENT_NOT_FOUND: Final = "parent_task_id not found"
PARENT_NOT_FINISHED: Final = "parent task is not finished"
BAD_INDEX: Final = "index must be 1, 2, 3, or 4"
BAD_IMAGE_URLS: Final = "image_urls must contain 2-5 URLs"
BAD_TASK_IDS: Final = "task_ids must contain 2-20 IDs"

INDEXES: Final = ("1", "2", "3", "4")
STRENGTHS: Final = ("strong", "subtle")
RATIOS: Final = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3")
NEGATIVE_PROMPT_LIMIT: Final = 4000
"""Characters."""
MASK_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of the decoded mask. The sibling service says "about 8 MB", JourneyAPI nothing."""
BLEND_IMAGES: Final = range(2, 6)
FETCH_MANY_IDS: Final = range(2, 21)

Check: TypeAlias = "Callable[[str, object], Fault | None]"
"""Takes the name and the value of an argument and gives what is wrong with it."""

_SMALL: Final = 1000
"""Numbers below this are turned into text; no argument takes one that is larger."""
_INTEGER_BITS: Final = 1024
_POSITIONS: Final = "1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right"
_DATA_URI = re.compile(r"data:image/(?:png|jpe?g|webp);base64,", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BLANK_OR_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def text(required: str) -> Check:
    """Make the check of a text that must hold more than blanks; *required* is the sentence that says so."""

    def check(argument: str, value: object) -> Fault | None:
        if isinstance(value, str) and value.strip():
            return None
        return Fault(argument=argument, value=value, message=f"{required}, as a text that is not blank")

    return check


def one_of(allowed: Collection[str], *, published: str | None = None) -> Check:
    """Make the check of a value out of a fixed set; *published* is the service's sentence where it has one."""
    listed = ", ".join(allowed)

    def check(argument: str, value: object) -> Fault | None:
        if isinstance(value, str) and value in allowed:
            return None
        return Fault(argument=argument, value=value, message=f"{published or f'{argument} is unknown'}: use {listed}")

    return check


prompt: Final = text(PROMPT_REQUIRED)
aspect_ratio: Final = one_of(RATIOS, published=BAD_RATIO)


def negative_prompt(argument: str, value: object) -> Fault | None:
    """Check what a picture shall not show."""
    if isinstance(value, str) and len(value) <= NEGATIVE_PROMPT_LIMIT:
        return None
    shown = f"{len(value)} characters" if isinstance(value, str) else value
    message = f"{argument} must be a text of at most {NEGATIVE_PROMPT_LIMIT} characters"
    return Fault(argument=argument, value=shown, message=message)


def index(argument: str, value: object) -> Fault | None:
    """Check a position in a grid: 1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right."""
    if isinstance(value, str) and value in INDEXES:
        return None
    return Fault(argument=argument, value=value, message=f"{BAD_INDEX}: {_POSITIONS}")


def index_or_strength(argument: str, value: object) -> Fault | None:
    """Check the index of variations: a position in a grid, or `strong` or `subtle`."""
    if isinstance(value, str) and (value in INDEXES or value in STRENGTHS):
        return None
    message = f"{BAD_INDEX}, or strong or subtle for an upscale-1x picture: {_POSITIONS}"
    return Fault(argument=argument, value=value, message=message)


def zoom_ratio(argument: str, value: object) -> Fault | None:
    """Check a zoom as it is sent: a decimal number from 1 to 2."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) and 1 <= float(value) <= 2:  # noqa: PLR2004 - the bounds are the rule itself
        return None
    allowed = "a number from 1 to 2: 1 makes the picture square, 1.5 and 2 zoom out"
    return Fault(argument=argument, value=value, message=f"{argument} must be {allowed}")


def is_url(value: object, *, schemes: Collection[str] = ("http", "https")) -> bool:
    """Tell whether *value* is an absolute URL with one of *schemes*, a host and no blank or control character."""
    if not isinstance(value, str) or _BLANK_OR_CONTROL.search(value):
        return False
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme.lower() in schemes and bool(parts.hostname) and port != 0


def url(argument: str, value: object) -> Fault | None:
    """Check the URL of a picture that the service is to fetch."""
    if is_url(value):
        return None
    message = f"{argument} must be an http or https URL that the service can reach"
    return Fault(argument=argument, value=value, message=message)


def urls(argument: str, value: object) -> Fault | None:
    """Check the two to five URLs of a blend."""
    given = _items(value)
    if given is None or len(given) not in BLEND_IMAGES:
        return Fault(argument=argument, value=value, message=BAD_IMAGE_URLS)
    bad = [item for item in given if not is_url(item)]
    if bad:
        message = f"{BAD_IMAGE_URLS}: each an http or https URL that the service can reach"
        return Fault(argument=argument, value=bad, message=message)
    return None


def webhook_url(argument: str, value: object) -> Fault | None:
    """Check a webhook URL: https, or http on this machine for development."""
    if is_url(value, schemes=("https",)) or (is_url(value) and is_loopback(urlsplit(str(value)).hostname or "")):
        return None
    message = f"{argument} must be an https URL (http only on localhost, for the sandbox)"
    return Fault(argument=argument, value=value, message=message)


def is_loopback(host: str) -> bool:
    """Tell whether *host* names this machine."""
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def webhook_secret(argument: str, value: object) -> Fault | None:
    """Check a webhook secret, which comes back in an HTTP header."""
    if isinstance(value, str) and value and value == value.strip() and _fits_header(value):
        return None
    message = f"{argument} must be a text that an HTTP header can echo: no control character, no blank at either end"
    return Fault(argument=argument, value="…", message=message)


def _fits_header(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return _CONTROL.search(value) is None


def task_ids(argument: str, value: object) -> Fault | None:
    """Check the two to twenty ids of a fetch-many."""
    given = _items(value)
    if given is None or len(given) not in FETCH_MANY_IDS:
        return Fault(argument=argument, value=value, message=BAD_TASK_IDS)
    bad = [item for item in given if not (isinstance(item, str) and item.strip())]
    return Fault(argument=argument, value=bad, message=f"{BAD_TASK_IDS}, each a text") if bad else None


def mask(argument: str, value: object) -> Fault | None:
    """Check a mask as it is sent: a data URI of a PNG, JPEG or WebP picture of at most 8 MiB."""
    data = picture_in(value)
    if data is None:
        allowed = (
            "the bytes, the path or the base64 text of a PNG, JPEG or WebP picture: white is repainted, black kept"
        )
        return Fault(argument=argument, value=value, message=f"{argument} must be {allowed}")
    if len(data) > MASK_LIMIT:
        message = f"{argument} must have at most {MASK_LIMIT} bytes: make it smaller"
        return Fault(argument=argument, value=f"more than {MASK_LIMIT} bytes", message=message)
    return None


def extra(documented: Collection[str]) -> Check:
    """Make the check of undocumented fields: JSON values under names that are not among the *documented*."""

    def check(argument: str, value: object) -> Fault | None:
        if not is_json_object(value):
            # What it holds is not shown: it may be a secret.
            message = f"{argument} must be a mapping of field names to JSON values"
            return Fault(argument=argument, value=f"a {type(value).__name__}", message=message)
        taken = sorted(name for name in value if name in documented)
        if taken:
            message = f"{argument} cannot set {', '.join(taken)}: documented fields are arguments of their own"
            return Fault(argument=argument, value=taken, message=message)
        return None

    return check


def picture_type(data: bytes | bytearray) -> str | None:
    """Tell from its first bytes what *data* is: png, jpeg, webp, or None."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def picture_in(value: object) -> bytes | None:
    """Give the bytes of the picture inside a data URI, or None if it holds none."""
    if not isinstance(value, str):
        return None
    prefix = _DATA_URI.match(value)
    if prefix is None:
        return None
    data = _from_base64(value[prefix.end() :])
    return data if data is not None and picture_type(data) else None


# What follows turns what callers write into what is sent. A value that cannot be turned stays as it is: the check of
# its argument is the one that refuses it, so that all faults of a call are told together.


def as_data_uri(value: bytes | str) -> str:
    """Turn the bytes or the base64 text of a picture into a data URI."""
    if isinstance(value, str) and not _DATA_URI.match(value):
        data = _from_base64(value)
        return value if data is None or picture_type(data) is None else as_data_uri(data)
    if isinstance(value, bytes | bytearray):
        kind = picture_type(value)
        return f"data:image/{kind};base64,{base64.b64encode(value).decode()}" if kind else cast("str", value)
    return value


def as_index(value: int | str) -> str:
    """Turn a whole number into the text that is sent."""
    small = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _SMALL
    return str(value) if small else cast("str", value)


def as_decimal(value: float | str) -> str:
    """Turn a number into the shortest decimal text."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _SMALL:
        return str(int(value)) if value == int(value) else repr(value)
    return cast("str", value)


def as_tuple(value: object) -> tuple[str, ...]:
    """Turn several items into a tuple; a text is one item, not many."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return cast("tuple[str, ...]", value)
    return tuple(cast("Iterable[str]", value))


def as_own(value: object) -> object:
    """Copy a JSON object, so that what is written into it later changes nothing here."""
    return _own(value) if is_json_object(value) else value


def _own(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _own(item) for name, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_own(item) for item in cast("Sequence[object]", value)]
    return value


def is_json_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether *value* is a mapping that can be written as a JSON object."""
    if not isinstance(value, Mapping):
        return False
    items = cast("Mapping[object, object]", value).items()
    try:
        return all(isinstance(name, str) and _is_json(item) for name, item in items)
    except RecursionError:
        return False


def _is_json(value: object) -> bool:
    if value is None or isinstance(value, str | bool):
        return True
    if isinstance(value, int):
        # Python refuses to write out an integer of thousands of digits.
        return value.bit_length() <= _INTEGER_BITS
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return all(_is_json(item) for item in cast("Sequence[object]", value))
    return is_json_object(value)


def _items(value: object) -> tuple[object, ...] | None:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else None


def _from_base64(value: str) -> bytes | None:
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
