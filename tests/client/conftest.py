"""Fixtures of the behaviour suite: every test of it runs over the pure world and over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.client.services import serving

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.client.services import Service


@pytest.fixture(params=["world", "server"])
async def service(request: pytest.FixtureRequest) -> AsyncGenerator[Service]:
    """Give a service whose options a test sets by `@pytest.mark.serving(...)`."""
    marker = request.node.get_closest_marker("serving")
    options: dict[str, Any] = {"task_seconds": 0.03, "credits": 10_000, "plan": "growth"}
    options.update(marker.kwargs if marker else {})
    async with serving(request.param, **options) as running:
        yield running
