"""Fixtures for tests of programs that use this package; pytest finds them by itself where the package is installed.

`journey_sandbox` gives each test a sandbox of its own, on a real socket and fast; it works in tests of any kind:

    def test_buys_one_grid(journey_sandbox, monkeypatch):
        monkeypatch.setenv("JOURNEY_BASE_URL", journey_sandbox.base_url)
        monkeypatch.setenv("JOURNEY_API_KEY", journey_sandbox.api_key)
        my_program()
        assert journey_sandbox.ledger()["charged"] == 4

The marker of the same name takes the options of `journey_async.sandbox.Sandbox`, the mark nearest to the test first:

    @pytest.mark.journey_sandbox(plan="basic", task_seconds=0.2, faults=["lost-reply:imagine:1"])

`journey_client` is an open and quick `JourneyClient` on that sandbox, for asyncio tests under anyio's plugin (with
`anyio_backend` giving "asyncio") or pytest-asyncio's auto mode. In its strict mode, which takes no fixtures of others,
open one in the test: `async with JourneyClient(journey_sandbox.api_key, base_url=journey_sandbox.base_url)`.
"""

# Every run of pytest imports this module, whatever it tests: the fixtures import what they need.
# ruff: noqa: PLC0415

from __future__ import annotations

import inspect
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterable, Mapping

    from anyio.from_thread import BlockingPortal

    from journey_async import JourneyClient
    from journey_async.sandbox import Fault, Ledger, Sandbox

MARKER: Final = "journey_sandbox"
TASK_SECONDS: Final = 0.05
"""Real seconds that a task takes, unless a marker says otherwise."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    what = "options of the sandbox of the fixture journey_sandbox, such as plan='basic', faults=['stuck:pan:1']"
    config.addinivalue_line("markers", f"{MARKER}(**options): {what}")


class RunningSandbox:
    """A sandbox that runs in a thread of its own; may be used from any thread."""

    def __init__(self, portal: BlockingPortal, sandbox: Sandbox) -> None:
        self._portal = portal
        self._sandbox = sandbox
        self.base_url: str = sandbox.base_url
        self.api_key: str = sandbox.api_key

    def ledger(self) -> Ledger:
        """Give the account's books."""
        return self._portal.call(self._sandbox.ledger)

    def set_faults(self, faults: Iterable[str | Fault], /) -> None:
        """Put these faults in force instead of the present ones."""
        self._portal.call(self._sandbox.set_faults, faults)


@pytest.fixture
def journey_sandbox(request: pytest.FixtureRequest) -> Generator[RunningSandbox]:
    """Run a sandbox for the test; the marker `journey_sandbox` takes its options."""
    options: dict[str, Any] = {"task_seconds": TASK_SECONDS}
    for mark in reversed(list(request.node.iter_markers(MARKER))):
        if mark.args:
            pytest.fail(f"the marker {MARKER} takes its options by name, got {mark.args}", pytrace=False)
        options |= mark.kwargs
    with _running(options) as sandbox:
        yield sandbox


@pytest.fixture
async def journey_client(journey_sandbox: RunningSandbox) -> AsyncGenerator[JourneyClient]:
    """Open a client on the sandbox of the test, which asks often and repeats soon."""
    from journey_async import JourneyClient, Pace, RetryPolicy

    async with JourneyClient(
        journey_sandbox.api_key,
        base_url=journey_sandbox.base_url,
        proxy="",
        pace=Pace(lag=0.01, longest=0.1, ahead=0.01),
        retry=RetryPolicy(first=0.01, longest=0.05, patience=2.0, rate_limit_patience=5.0),
    ) as client:
        yield client


@contextmanager
def _running(options: Mapping[str, Any]) -> Generator[RunningSandbox]:
    from anyio.from_thread import start_blocking_portal

    sandbox = _made(options)
    with start_blocking_portal("asyncio") as portal, portal.wrap_async_context_manager(sandbox):
        yield RunningSandbox(portal, sandbox)


def _made(options: Mapping[str, Any]) -> Sandbox:
    """Make a sandbox, or fail the test with one line that says what is wrong."""
    if find_spec("PIL") is None:
        pytest.fail("journey_sandbox draws pictures with Pillow: pip install 'journey-async[sandbox]'", pytrace=False)
    from journey_async import ConfigurationError
    from journey_async.sandbox import Sandbox

    known = list(inspect.signature(Sandbox).parameters)
    unknown = sorted(set(options) - set(known))
    if unknown:
        text = f"the marker {MARKER} does not know {', '.join(unknown)}: it takes {', '.join(known)}"
        pytest.fail(text, pytrace=False)
    try:
        return Sandbox(**options)
    except ConfigurationError as error:
        pytest.fail(f"the marker {MARKER}: {error}", pytrace=False)
