"""Fixtures of the suite of runs: over the pure world and over a real socket, or over a world that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.client.services import serving
from tests.runs.still import StillWorld

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.client.services import Service


def _options(request: pytest.FixtureRequest, **options: Any) -> dict[str, Any]:
    marker = request.node.get_closest_marker("serving")
    return {**options, **(marker.kwargs if marker else {})}


@pytest.fixture(params=["world", "server"])
async def service(request: pytest.FixtureRequest) -> AsyncGenerator[Service]:
    """Give a service whose options a test sets by `@pytest.mark.serving(...)`."""
    async with serving(request.param, **_options(request, task_seconds=0.03, credits=10_000, plan="growth")) as running:
        yield running


@pytest.fixture
def still(request: pytest.FixtureRequest) -> StillWorld:
    """Give a world that stands still; `@pytest.mark.serving(...)` sets its options."""
    return StillWorld(**_options(request))
