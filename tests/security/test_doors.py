"""The sandbox is for the machine it runs on, and web pages that are open in a browser there are not let in."""

from __future__ import annotations

import json

import aiohttp
import pytest

from journey_async import ConfigurationError
from journey_async.cli import main
from journey_async.cli.exit_codes import MISUSED
from journey_async.sandbox import Sandbox

OUTSIDE = ("0.0.0.0", "::", "192.168.1.5", "10.0.0.7", "example.com", "my-laptop", "localhost.example.com")  # noqa: S104
INSIDE = ("127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "dev.localhost")


@pytest.mark.parametrize("host", OUTSIDE)
def test_the_sandbox_does_not_leave_this_machine_unless_it_is_told_to(host: str) -> None:
    """By name or by address; the error says how to tell it."""
    with pytest.raises(ConfigurationError, match="exposed=True"):
        Sandbox(host=host)
    Sandbox(host=host, exposed=True)


@pytest.mark.parametrize("host", INSIDE)
def test_the_sandbox_listens_wherever_only_this_machine_reaches_it(host: str) -> None:
    """Nothing is to be said for that."""
    Sandbox(host=host)


def test_the_command_does_not_leave_this_machine_unless_it_is_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, which names the option."""
    assert main(["sandbox", "--host", "0.0.0.0", "--port", "0"]) == MISUSED  # noqa: S104
    said = capsys.readouterr().err
    assert "--exposed" in said
    assert said.count("\n") == 1


async def asked(box: Sandbox, **headers: str) -> list[int]:
    """Ask in each way in which the sandbox can be asked, and give the statuses."""
    root = box.base_url.removesuffix("/api/v1")
    given = {"Authorization": box.api_key, **{name.replace("_", "-"): value for name, value in headers.items()}}
    body = json.dumps({"faults": []}).encode()
    statuses: list[int] = []
    async with aiohttp.ClientSession(headers=given) as session:
        for method, path in (("GET", "/api/v1/account"), ("GET", "/_sandbox/ledger"), ("POST", "/_sandbox/faults")):
            async with session.request(method, root + path, data=body if method == "POST" else None) as response:
                statuses.append(response.status)
    return statuses


@pytest.mark.parametrize(
    ("host", "let_in"),
    [
        ("127.0.0.1", True),
        ("localhost:9999", True),
        ("[::1]:80", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example:80", False),
        ("localhost.evil.example", False),
        ("[", False),
        ("169.254.169.254", False),
    ],
)
async def test_a_name_that_was_made_to_lead_here_is_refused(host: str, let_in: bool) -> None:
    """DNS rebinding: the browser says the page's own name in `Host`. Nothing is answered, with the key neither."""
    async with Sandbox() as box:
        assert await asked(box, Host=host) == [200 if let_in else 403] * 3


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [("http://localhost:3000", True), ("https://evil.example", False), ("null", False), ("http://[", False)],
)
async def test_a_web_page_of_another_site_cannot_write(origin: str, let_in: bool) -> None:
    """A page may post to any address without being asked; the faults of the sandbox are not for it to set."""
    async with Sandbox() as box:
        assert await asked(box, Origin=origin) == [200 if let_in else 403] * 3


async def test_an_exposed_sandbox_answers_to_any_name_and_still_to_no_web_page() -> None:
    """In a container nobody knows by which name it is called."""
    async with Sandbox(exposed=True) as box:
        assert await asked(box, Host="sandbox:8787") == [200] * 3
        assert await asked(box, Host="sandbox:8787", Origin="http://sandbox:8787") == [200] * 3
        assert await asked(box, Host="sandbox:8787", Origin="https://evil.example") == [403] * 3
