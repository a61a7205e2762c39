"""Where a function can be imported from, as text: `package.module:name`."""

from __future__ import annotations

import sys


def import_path_of(function: object) -> str | None:
    """Give the path of a function at the top of a module, or of a text that is one; None for any other value.

    What was defined in another function, or in the program that was started itself, cannot be imported elsewhere.
    """
    if isinstance(function, str):
        return function if _is_path(function) else None
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or not callable(function) or module == "__main__":
        return None
    path = f"{module}:{name}"
    return path if _is_path(path) and _found(module, name) is function else None


def _is_path(text: str) -> bool:
    module, _, name = text.partition(":")
    return all(part.isidentifier() for part in (*module.split("."), *name.split(".")))


def _found(module: str, name: str) -> object:
    """Give what is found there: a bound method, and a wrapped function, name another one than themselves."""
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
