"""Who notices that a module is broken: tests in processes where a mutant stands in for it."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import hypothesis
import pytest

from tests.mutation.mutants import Broken
from tests.mutation.seen_by import SEEN_BY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mutation.mutants import Mutant

IMPORT: Final = "import"
EXAMPLES: Final = 30
"""That hypothesis makes up for one test, the same ones for every mutant."""
TEST_SECONDS: Final = 20
FILE_SECONDS: Final = 90
"""After which a mutant is ended that no test could stop. It is noticed: it counts as killed."""
MEMORY: Final = 4 << 30
"""Bytes a mutant may ask for: some multiply where a sum was meant."""


def killer(mutant: Mutant) -> str | None:
    """Who notices: a file of tests, IMPORT where it cannot even be imported, or nobody."""
    if fails(mutant, import_of(mutant.module)):
        return IMPORT
    return next((name for name in SEEN_BY[mutant.module] if fails(mutant, pytest_on(name))), None)


def import_of(module: str) -> Callable[[], int]:
    """Import this module of the core."""

    def work() -> int:
        importlib.import_module(f"journey_async.core.{module}")
        return 0

    return work


def pytest_on(name: str) -> Callable[[], int]:
    """Run this file up to its first failure."""
    options = f"-q -x -p no:cacheprovider --assert plain --hypothesis-profile mutants --timeout {TEST_SECONDS}"
    return lambda: pytest.main([*options.split(), f"tests/{name}.py"])


def fails(mutant: Mutant | None, work: Callable[[], int]) -> bool:
    """Do it in a process where the mutant stands in for its module: did it fail? What it prints is dropped."""
    pid = os.fork()
    if pid:
        until = time.monotonic() + FILE_SECONDS
        while time.monotonic() < until:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return status != 0
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return True
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        hypothesis.settings.register_profile("mutants", max_examples=EXAMPLES, deadline=None, derandomize=True)
        if mutant is not None:
            sys.meta_path.insert(0, Broken(mutant))
        code = int(work())
    finally:
        os._exit(code)
