"""The pytest plugin, from inside and in runs of pytest of its own."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio.to_thread
import pytest

from journey_async import JourneyClient, RateLimitError, RetryPolicy

if TYPE_CHECKING:
    from journey_async.testing import RunningSandbox

INSTALLED: Final = bool(entry_points(group="pytest11", name="journey_async"))
"""Whether pytest finds the plugin by itself, as it does for users."""
PLUGIN: Final = () if INSTALLED else ("-p", "journey_async.testing")
OPTIONS: Final = ("-p", "no:asyncio", "-p", "no:cacheprovider", *PLUGIN)
ROOT: Final = Path(__file__).parents[1]

pytest_plugins = ["pytester"] if INSTALLED else ["pytester", "journey_async.testing"]


@pytest.fixture(autouse=True)
def users_project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run pytest in a folder of its own, with nothing of this project's configuration."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def ran(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    """Run pytest on one file, as a process."""
    pytester.makepyfile(test)
    return pytester.runpytest_subprocess(*OPTIONS, *options, timeout=60)


async def test_the_client_talks_to_the_sandbox(journey_client: JourneyClient, journey_sandbox: RunningSandbox) -> None:
    """The client is open, on the sandbox of the same test, and soon done."""
    grid = await (await journey_client.imagine("an elk"))

    assert grid.original_image_url.startswith(journey_sandbox.base_url.removesuffix("/api/v1"))
    ledger = await anyio.to_thread.run_sync(journey_sandbox.ledger)
    assert (ledger["charged"], ledger["requests"]["/imagine"]) == (4, 1)


def test_each_test_has_a_sandbox_of_its_own(journey_sandbox: RunningSandbox) -> None:
    """Nothing is left of other tests."""
    ledger = journey_sandbox.ledger()

    assert (ledger["credits"], ledger["requests"]) == (1000, {})


@pytest.mark.journey_sandbox(credits=40, task_seconds=5)
class TestMarkers:
    """Marks on a class and on its tests."""

    @pytest.mark.journey_sandbox(credits=30, slots=1)
    async def test_the_nearest_mark_wins(self, journey_sandbox: RunningSandbox) -> None:
        """Options of the test's own mark win, those of its class hold beside them."""
        async with JourneyClient(
            journey_sandbox.api_key,
            base_url=journey_sandbox.base_url,
            retry=RetryPolicy(rate_limit_patience=0),
        ) as journey:
            assert (await journey.account()).credits == 30
            await journey.imagine("an elk")
            with pytest.raises(RateLimitError):
                await journey.imagine("another elk")


@pytest.mark.journey_sandbox(faults=["http-500:account:1"])
async def test_faults_by_mark_and_by_hand(journey_client: JourneyClient, journey_sandbox: RunningSandbox) -> None:
    """Faults come with the mark, and can be changed while the test runs."""
    await journey_client.account()

    ledger = await anyio.to_thread.run_sync(journey_sandbox.ledger)
    assert ledger["requests"] == {"/account": 2}

    await anyio.to_thread.run_sync(journey_sandbox.set_faults, ["http-500:account:2"])
    await journey_client.account()

    ledger = await anyio.to_thread.run_sync(journey_sandbox.ledger)
    assert ledger["requests"] == {"/account": 5}


def test_it_works_in_plain_tests_and_under_anyio(pytester: pytest.Pytester) -> None:
    """A user's project needs nothing but the fixtures' names; the marker is known."""
    result = ran(
        pytester,
        """
        import pytest

        def test_plain(journey_sandbox):
            assert journey_sandbox.ledger()["accepted"] == 0

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        @pytest.mark.journey_sandbox(plan="basic")
        async def test_asyncio(journey_client, journey_sandbox):
            assert (await journey_client.account()).plan == "basic"
            task = await journey_client.imagine("an elk")
            await task
            assert journey_sandbox.ledger()["charged"] == 4
        """,
        "--strict-markers",
        "-W",
        "error",
    )

    result.assert_outcomes(passed=2)


def test_the_marker_is_explained(pytester: pytest.Pytester) -> None:
    """`pytest --markers` tells of it."""
    result = ran(pytester, "", "--markers")

    result.stdout.fnmatch_lines("@pytest.mark.journey_sandbox(*options): options of the sandbox of the fixture *")


def test_wrong_options_are_told_in_one_line(pytester: pytest.Pytester) -> None:
    """A mark that cannot be obeyed is an error of the test, which says what is allowed."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.journey_sandbox(plam="basic")
        def test_unknown(journey_sandbox): ...

        @pytest.mark.journey_sandbox(plan="gold")
        def test_wrong(journey_sandbox): ...

        @pytest.mark.journey_sandbox(faults=["nonsense"])
        def test_fault(journey_sandbox): ...

        @pytest.mark.journey_sandbox("basic")
        def test_unnamed(journey_sandbox): ...
        """
    )

    result = pytester.runpytest_inprocess(*OPTIONS)

    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        [
            "the marker journey_sandbox does not know plam: it takes plan, credits, speed, *",
            "the marker journey_sandbox: *plan='gold': must be one of basic, starter, growth, enterprise*",
            "the marker journey_sandbox: *fault 'nonsense': unknown, use one of lost-reply, *",
            "the marker journey_sandbox takes its options by name, got ('basic',)*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_without_pillow_only_the_fixture_fails(pytester: pytest.Pytester) -> None:
    """The plugin is loaded everywhere; who does not use the sandbox does not need its extra."""
    result = ran(
        pytester,
        """
        import sys
        sys.modules["PIL"] = None

        def test_of_something_else():
            pass

        def test_it(journey_sandbox):
            raise AssertionError("not reached")
        """,
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines("*journey_sandbox draws pictures with Pillow: pip install 'journey-async?sandbox?'")


def test_the_plugin_is_cheap(pytester: pytest.Pytester) -> None:
    """A run of pytest that uses no fixture of the plugin loads neither the HTTP library nor Pillow."""
    result = ran(
        pytester,
        """
        import sys

        def test_it():
            assert "journey_async.testing" in sys.modules
            assert not {"aiohttp", "PIL"} & set(sys.modules)
        """,
    )

    result.assert_outcomes(passed=1)
