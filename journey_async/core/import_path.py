"""Where a function can be imported from, as text: `package.module:name`."""

from __future__ import annotations

import re
from typing import Final

_PATH: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def import_path_of(function: object) -> str | None:
    """Give the path of a function at the top of a module, or of a text that is one; None for any other value.

    What was defined in another function, or in the program that was started itself, cannot be imported elsewhere.
    """
    if isinstance(function, str):
        return function if _PATH.fullmatch(function) else None
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or not callable(function) or module == "__main__":
        return None
    path = f"{module}:{name}"
    return path if _PATH.fullmatch(path) else None
