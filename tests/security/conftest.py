"""The command in this process, as the tests of the command have it."""

from __future__ import annotations

from tests.cli.conftest import journey, plain, typed

__all__ = ["journey", "plain", "typed"]
