"""Names of files that are safe on every system, whatever a prompt or an id holds."""

from __future__ import annotations

import re
import unicodedata
from string import Formatter
from typing import TYPE_CHECKING, Final

from journey_async.core.download_defaults import DEFAULT_NAME
from journey_async.errors import Fault
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME: Final = 255
"""Bytes of UTF-8: what the usual file systems allow a single name."""
FIELDS: Final[Mapping[str, int]] = {"prompt": 100, "task_id": 64, "action": 32, "key": 64, "n": 8, "ext": 8}
"""What a template may name, and how many bytes of each are kept, so that a long prompt does not push out the rest."""

_LONGEST_EXTENSION = 16
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"\\|?*]')
"""What one system or another refuses, and the characters that make a name read other than it is written."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)", re.IGNORECASE)
"""Windows takes these for devices, with any extension."""


@frozen
class NameTemplate:
    """A checked template: one name, below the folders that its own slashes make."""

    text: str

    def fill(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Give the folders and the name that *values*, one for each of `FIELDS`, make: each of them safe."""
        cleaned = {field: _cleaned(values[field], longest) for field, longest in FIELDS.items()}
        return tuple(_safe(part.format_map(cleaned)) for part in self.text.split("/"))


def name_template(text: object) -> NameTemplate | Fault:
    """Check a template, or tell what is wrong with it. Only its own slashes make folders, never those of a value."""
    wrong = _wrong(text) if isinstance(text, str) else "name must be a text"
    if wrong is not None or not isinstance(text, str):
        allowed = ", ".join(f"{{{field}}}" for field in FIELDS)
        message = f"{wrong}: use {allowed} and plain text, with / between folders, such as {DEFAULT_NAME}"
        return Fault(argument="name", value=text, message=message)
    return NameTemplate(text)


def numbered(name: str, number: int) -> str:
    """Give the name to take if the first `number - 1` are taken: `elk.png`, `elk (2).png`, `elk (3).png`."""
    return name if number == 1 else _shortened(name, mark=f" ({number})")


def _wrong(text: str) -> str | None:
    for part in text.split("/"):
        if not part:
            return "name must not be empty, nor start or end with a slash, nor have two together"
        if part.startswith((".", " ")) or part.endswith((".", " ")):
            return "name must have no part that starts or ends with a dot or a blank"
        try:
            pieces = list(Formatter().parse(part))
        except ValueError as error:
            return f"name cannot be read ({error})"
        for literal, field, shape, conversion in pieces:
            if _FORBIDDEN.search(literal):
                return "name must have no character that a system forbids"
            if field is not None and (field not in FIELDS or shape or conversion):
                return "name has a field that there is not"
    return None


def _cleaned(value: str, longest: int) -> str:
    """Keep letters, digits, marks and symbols of any script, and `_`; one hyphen stands for whatever else there was."""
    normal = unicodedata.normalize("NFC", value)
    kept = "".join(char if char == "_" or _is_kept(char) else "-" for char in normal)
    # Cut before the ends are stripped: the cut may leave a hyphen there.
    return _cut(re.sub("-+", "-", kept).strip("-"), longest).rstrip("-") or "_"


def _is_kept(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LMN" or category == "So"


def _safe(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    return _shortened(f"_{name}" if _RESERVED.match(name) else name)


def _shortened(name: str, *, mark: str = "") -> str:
    """Put *mark* behind the stem, which is cut as far as the longest name needs it; the extension is kept."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len((dot + extension).encode()) > _LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    ending = mark + dot + extension
    cut = _cut(stem, LONGEST_NAME - len(ending.encode()))
    return (cut if cut == stem else cut.rstrip(" .")) + ending


def _cut(text: str, longest: int) -> str:
    return text.encode()[:longest].decode(errors="ignore")
