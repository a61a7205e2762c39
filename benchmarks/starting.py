"""How long does it take to import the client, and to show the help of the command?

Each import in a process of its own, in turns; CPU time of the import alone, without the start of the interpreter. All
are compiled before, as what is installed is: a checkout that is not allowed to keep its bytecode would compile it at
every start, the libraries beside it would not.

    python benchmarks/starting.py [--quick | --full]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.paired import interval
from benchmarks.rows import Row, Size, report

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDS: Final[Mapping[Size, int]] = {"quick": 2, "usual": 40, "full": 80}
TIMED: Final = "import time; began = time.process_time(); {}; print(time.process_time() - began)"
BASE: Final = "import aiohttp, anyio, attrs"
PACKAGE: Final = "import journey_async"
CLIENT: Final = "from journey_async import JourneyClient"


def cpu_of_import(statement: str, bytecode: str) -> float:
    """Import in a new process; *bytecode* is the folder for what is compiled."""
    return float(_output("-c", TIMED.format(statement), bytecode=bytecode))


def _output(*arguments: str, bytecode: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = bytecode
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def cpu_of_help(bytecode: str) -> float:
    """Run `journey --help`, all of it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _output("-m", "journey_async.cli", "--help", bytecode=bytecode)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(size: Size) -> list[Row]:
    """Measure."""
    with TemporaryDirectory() as bytecode:
        for statement in (BASE, PACKAGE, CLIENT):
            cpu_of_import(statement, bytecode)
        cpu_of_help(bytecode)
        return _measure(size, bytecode)


def _measure(size: Size, bytecode: str) -> list[Row]:
    """Measure in turns."""
    statements = (BASE, PACKAGE, CLIENT, CLIENT, BASE)
    packages: list[float] = []
    clients: list[float] = []
    controls: list[float] = []
    helps: list[float] = []
    for _ in range(ROUNDS[size]):
        first, package, client, again, base = (cpu_of_import(statement, bytecode) for statement in statements)
        packages.append(2 * package / (first + base))
        clients.append((client + again) / (first + base))
        controls.append(base / first)
        helps.append(cpu_of_help(bytecode))
    control = f"control {interval(controls)}"
    return [
        Row(
            headline="CPU of `import journey_async` / `import aiohttp, anyio, attrs`",
            goal=1.15,
            measured=interval(packages),
            note=f"its names are loaded when they are used; {control}",
        ),
        Row(
            headline="CPU of `from journey_async import JourneyClient` / `import aiohttp, anyio, attrs`",
            limit="1",
            goal=1.15,
            measured=interval(clients),
            note=f"what every user pays; {control}",
        ),
        Row(headline="seconds of CPU for `journey --help`", goal=0.25, measured=interval(helps)),
    ]


if __name__ == "__main__":
    report(__doc__, measure)
