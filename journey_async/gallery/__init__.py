"""A run as a page: its tree of pictures, what each of them cost, and when the plan's slots were in use."""

from __future__ import annotations

try:
    import jinja2  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import PIL  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError as error:
    raise ImportError("the gallery needs jinja2 and Pillow: pip install 'journey-async[gallery]'") from error

from journey_async.gallery.making import Written, watch_gallery, write_gallery

__all__ = ("Written", "watch_gallery", "write_gallery")
