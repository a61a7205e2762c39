"""The misbehaving file server, as a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.downloads.media_server import MediaServer, media_server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest.fixture
async def server() -> AsyncGenerator[MediaServer]:
    async with media_server() as running:
        yield running
