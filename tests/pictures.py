"""Small pictures for tests."""

from __future__ import annotations

import struct
import zlib
from typing import Final


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 8, height: int = 8, *, white: bool = True) -> bytes:
    """Make a PNG picture of one grey level."""
    rows = (b"\0" + (b"\xff" if white else b"\0") * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


PNG: Final = png()
