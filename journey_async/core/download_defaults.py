"""What a download does unless it is told otherwise. Apart from what downloads: signatures show it."""

from __future__ import annotations

from typing import Final

DEFAULT_NAME: Final = "{prompt}-{task_id}-{n}.{ext}"
AT_ONCE: Final = 8
LARGEST: Final = 256 * 1024 * 1024
"""Bytes of one file."""
