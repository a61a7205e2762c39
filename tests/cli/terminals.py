"""The command on a real pseudo-terminal."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.cli.processes import JOURNEY, PATIENCE, ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Generator

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A process on a terminal of 80 by 24, and all that it wrote there."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self.process = process
        self._end = end
        # A read may end in the middle of a character.
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.raw = ""

    @property
    def text(self) -> str:
        """What was written, without what steers the terminal; each return to the left begins a new line."""
        return re.sub("\r+\n?", "\n", CONTROL.sub("", self.raw))

    def read_until(self, pattern: str) -> None:
        """Read on until *pattern* was written."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text):
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"no {pattern!r} in {self.text!r}")

    def press_ctrl_c(self) -> None:
        """Press Ctrl-C."""
        os.write(self._end, b"\x03")

    def wait(self) -> int:
        """Read all that comes until the process ends, and give its exit code."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        if not select.select([self._end], [], [], PATIENCE)[0]:
            return False
        try:
            data = os.read(self._end, 65536)
        except OSError:
            # Linux tells by an error that nobody holds the other end any more.
            return False
        self.raw += self._decoder.decode(data)
        return bool(data)


@contextmanager
def terminal(*arguments: object, **variables: str) -> Generator[Terminal]:
    """Run `journey` on a terminal for as long as the block is open."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = environment(**{"TERM": "xterm-256color", **variables})
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        if name not in variables:
            env.pop(name, None)
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*JOURNEY, *map(str, arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - Ctrl-C needs it, and no thread runs
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)
