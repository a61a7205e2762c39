"""Bytes, cut into what a target is made of: choices first, then texts, then the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

END = b"\xff"
"""Stands behind a text. It is in no UTF-8, so every text may stand before it."""


class Pieces:
    """What is left of the bytes; where nothing is left, choices are the first and texts are empty."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def choice(self, among: Sequence[T]) -> T:
        """Take one byte for one of these."""
        place, self._left = self._left[:1], self._left[1:]
        return among[place[0] % len(among)] if place else among[0]

    def part(self) -> bytes:
        """Take what stands before the next END."""
        found, _, self._left = self._left.partition(END)
        return found

    def text(self) -> str:
        """Take a part as a text; bytes that are no UTF-8 become half characters, which JSON can bring too."""
        return self.part().decode("utf-8", "surrogateescape")

    def rest(self) -> bytes:
        """Take everything."""
        found, self._left = self._left, b""
        return found


def joined(*pieces: int | str | bytes) -> bytes:
    """Make bytes that are cut into these: a number is a choice, each text but a last one of bytes gets its END."""
    made = bytearray()
    for piece in pieces:
        if isinstance(piece, int):
            made.append(piece)
        else:
            made += piece if isinstance(piece, bytes) else piece.encode() + END
    return bytes(made)
