"""The command in this process, against a sandbox of the test's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from attrs import frozen

from journey_async.cli import main
from tests.cli.processes import ACCOUNT, LOOKS, PLAIN

if TYPE_CHECKING:
    from journey_async.sandbox import Sandbox


@frozen(kw_only=True)
class Said:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What it printed with `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


class Typed(Protocol):
    """Runs `journey` with arguments, in this process."""

    def __call__(self, *arguments: object) -> Said: ...


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No account, and 80 columns without colours, whatever the environment of whoever runs the tests says."""
    for name in LOOKS + ACCOUNT:
        monkeypatch.delenv(name, raising=False)
    for name, value in PLAIN.items():
        monkeypatch.setenv(name, value)
    # typer looks when it is imported, which may have been before.
    monkeypatch.setattr("typer.rich_utils.FORCE_TERMINAL", None)
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", None)


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Run `journey` without an account, 80 columns wide."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code=code, out=said.out, err=said.err)

    return run


@pytest.fixture
def journey(typed: Typed, journey_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Run `journey` with the account of the sandbox."""
    monkeypatch.setenv("JOURNEY_BASE_URL", journey_sandbox.base_url)
    monkeypatch.setenv("JOURNEY_API_KEY", journey_sandbox.api_key)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return typed
