"""The resolver that lets public addresses through alone."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp.abc import AbstractResolver

from journey_async.media_host import PublicResolver, RefusedAddressError

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult


class Told(AbstractResolver):
    """A resolver that gives what it was told, one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            {"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}
            for address in self.answers.pop(0)
        ]

    async def close(self) -> None:
        self.closed = True


async def test_public_addresses_are_given_as_they_are() -> None:
    resolver = PublicResolver(Told(["93.184.216.34", "2606:2800:220:1::1"]))

    assert [found["host"] for found in await resolver.resolve("cdn.test", 443)] == [
        "93.184.216.34",
        "2606:2800:220:1::1",
    ]


async def test_one_address_that_is_not_public_is_one_too_many() -> None:
    with pytest.raises(RefusedAddressError, match=r"cdn\.test has an address that is not public"):
        await PublicResolver(Told(["93.184.216.34", "10.0.0.1"])).resolve("cdn.test")


async def test_a_name_that_changes_its_address_is_looked_at_each_time() -> None:
    resolver = PublicResolver(Told(["93.184.216.34"], ["169.254.169.254"]))
    await resolver.resolve("cdn.test")

    with pytest.raises(RefusedAddressError):
        await resolver.resolve("cdn.test")


async def test_closing_closes_what_is_inside() -> None:
    inner = Told()
    await PublicResolver(inner).close()

    assert inner.closed
