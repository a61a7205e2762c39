"""The command and programs that use it, as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

ROOT: Final = Path(__file__).parents[2]
JOURNEY: Final = (sys.executable, "-m", "journey_async.cli")
PATIENCE: Final = 60.0
LOOKS: Final = (
    *("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "GITHUB_ACTIONS", "COLORTERM"),
    *("TERMINAL_WIDTH", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "_TYPER_FORCE_DISABLE_TERMINAL"),
)
"""What rich, typer and click read to learn about colours, widths and terminals."""
ACCOUNT: Final = ("JOURNEY_API_KEY", "JOURNEY_BASE_URL")
PLAIN: Final = {"COLUMNS": "80", "NO_COLOR": "1"}


def environment(**more: str) -> dict[str, str]:
    """Give an environment that has 80 columns, this package, and nothing of JourneyAPI's."""
    kept = {name: value for name, value in os.environ.items() if name not in LOOKS + ACCOUNT}
    return {**kept, **PLAIN, "PYTHONPATH": str(ROOT), **more}


def ran(*command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own commands
        command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=env or environment(), cwd=ROOT
    )


def journey(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `journey` to its end."""
    return ran(*JOURNEY, *arguments)


@contextmanager
def started(*arguments: str, env: Mapping[str, str] | None = None) -> Generator[subprocess.Popen[str]]:
    """Run `journey` for as long as the block is open, if it does not end before."""
    with subprocess.Popen(  # noqa: S603 - our own command
        [*JOURNEY, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env or environment(),
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
