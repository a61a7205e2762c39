"""Where things are printed."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class OurConsole(Console):
    """A console that raises where nobody reads it any more, as `print` does; rich's own ends the process."""

    def on_broken_pipe(self) -> NoReturn:
        """Say so."""
        raise BrokenPipeError


def console(*, stderr: bool = False, wrapped: bool = True) -> Console:
    """Give a console on standard output or *stderr*; without *wrapped* long lines stay whole."""
    return OurConsole(stderr=stderr, highlight=False, soft_wrap=not wrapped)
