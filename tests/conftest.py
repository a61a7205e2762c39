"""What every test runs under: the event loop, the watch for blocking calls, hypothesis' profiles."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

Backend: TypeAlias = tuple[str, dict[str, Any]]

# These files are read by mypy and pyright, never run.
collect_ignore_glob = ["typing/*"]

# Chosen by `pytest --hypothesis-profile NAME`; the thorough one wants `--timeout 0` too.
# In CI the examples are the same every time, so that many more of them find nothing more.
in_ci = "CI" in os.environ
settings.register_profile("default", max_examples=50 if in_ci else 200, deadline=None, derandomize=in_ci)
settings.register_profile("thorough", max_examples=5000, deadline=None, derandomize=False)
settings.load_profile("default")

BACKENDS: dict[str, Backend] = {"asyncio": ("asyncio", {})}
if os.environ.get("JOURNEY_TEST_UVLOOP") == "1":
    BACKENDS["asyncio+uvloop"] = ("asyncio", {"use_uvloop": True})


@pytest.fixture(scope="session", params=BACKENDS.values(), ids=list(BACKENDS))
def anyio_backend(request: pytest.FixtureRequest) -> Backend:
    """Run async tests on asyncio; with JOURNEY_TEST_UVLOOP=1 on uvloop too."""
    backend: Backend = request.param
    return backend


@pytest.fixture(autouse=True, scope="session")
def no_blocking_calls() -> Iterator[None]:
    """Raise BlockingError where code of this package, or called by it, blocks the event loop; threads may block."""
    with blockbuster_ctx("journey_async") as blocking:
        if "COVERAGE_RUN" in os.environ:
            # Coverage takes a lock of its own, from C, inside of the code that it watches, and nothing tells it apart.
            # Locks are looked at where no coverage is measured.
            blocking.functions["threading.Lock.acquire"].deactivate()
        yield
