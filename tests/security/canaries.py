"""Secrets with unmistakable words, in every form in which something may write them down."""

from __future__ import annotations

import base64
import html
import json
import pickle
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

import journey_async

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# With characters that JSON, URLs and HTML write in other ways.
API_KEY: Final = 'japi_CANARY"key\\/+&<9f'
WEBHOOK_SECRET: Final = 'whs_CANARY"secret\\/+&<7c'
PROXY_PASSWORD: Final = "pwCANARYproxy5e"
BUTTON_SECRET: Final = "button_CANARY_secret_3a"
ALL: Final = (API_KEY, WEBHOOK_SECRET, PROXY_PASSWORD, BUTTON_SECRET)

_OURS: Final = str(Path(journey_async.__file__).parent)


def forms(secret: str) -> set[str]:
    """Give the forms in which *secret* may stand in a text."""
    raw = secret.encode()
    # Within a longer text base64 begins at any of three places; what neighbours touch is left out.
    shifted = {base64.b64encode(b"\0" * shift + raw)[4 if shift else 0 : -4].decode() for shift in range(3)}
    urlsafe = {text.replace("+", "-").replace("/", "_") for text in shifted}
    written = {json.dumps(secret)[1:-1], repr(secret)[1:-1], html.escape(secret), quote(secret), quote_plus(secret)}
    return {secret, quote(secret, safe=""), raw.hex(), *written, *shifted, *urlsafe}


def found(text: str | bytes, *secrets: str) -> list[str]:
    """Give the secrets that stand in *text*, in whatever form."""
    plain = text if isinstance(text, str) else text.decode("latin-1")
    return [secret for secret in secrets or ALL if any(form in plain for form in forms(secret))]


def told(error: BaseException) -> str:
    """Give all that an error says of itself, in words, as an object, in a traceback and in what it is made of."""
    parts = [str(error), repr(error), repr(error.args), repr(vars(error))]
    parts += [*getattr(error, "__notes__", ()), "".join(traceback.format_exception(error))]
    parts += [told(each) for each in (error.__cause__, error.__context__) if each is not None]
    return "\n".join(parts)


def pickled(value: object) -> bytes:
    """Give the bytes that a pickle of *value* would have; none if it cannot be pickled."""
    try:
        return pickle.dumps(value)
    except (TypeError, AttributeError, pickle.PicklingError):
        return b""


def locals_in(error: BaseException) -> Iterator[tuple[str, str, str]]:
    """Give what a crash reporter sees of the frames below the caller's own: the file, the name and the value."""
    yield from _locals_in(traceback.TracebackException.from_exception(error, capture_locals=True))


def _locals_in(report: traceback.TracebackException) -> Iterator[tuple[str, str, str]]:
    for frame in report.stack:
        if frame.filename.startswith(_OURS) or "aiohttp" in frame.filename or "anyio" in frame.filename:
            for name, value in (frame.locals or {}).items():
                yield frame.filename, name, value
    for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
        if other is not None:
            yield from _locals_in(other)


def seen(errors: Iterable[BaseException], *secrets: str) -> list[str]:
    """Give where in the locals of *errors* a secret stands."""
    return sorted(
        {
            f"{Path(file).name}: {name}"
            for error in errors
            for file, name, value in locals_in(error)
            if found(value, *secrets)
        }
    )
