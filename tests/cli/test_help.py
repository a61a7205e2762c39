"""What the command says about itself."""

from __future__ import annotations

import sys

import pytest

import journey_async.sandbox
from journey_async.cli import app, main
from journey_async.cli.complaints import MISUSED
from journey_async.version import __version__
from tests.cli.processes import environment, journey, ran

PAGES: tuple[list[str], ...] = ([], ["--help"], ["-h"], ["sandbox", "--help"], ["demo", "--help"])


@pytest.mark.parametrize("arguments", PAGES, ids=" ".join)
def test_help_fits_80_columns_and_has_an_example(arguments: list[str]) -> None:
    """Every page of help fits a terminal of 80 columns and shows how a command is used."""
    page = journey(*arguments)

    assert (page.returncode, page.stderr) == (0, "")
    assert max(len(line) for line in page.stdout.splitlines()) <= 80
    assert "Example" in page.stdout
    assert "journey demo" in page.stdout or "journey sandbox" in page.stdout
    assert "[bold]" not in page.stdout


def test_an_example_stays_in_its_line() -> None:
    """Examples can be copied line by line."""
    lines = [line.strip() for line in journey("sandbox", "--help").stdout.splitlines()]

    assert "journey sandbox --fault http-429:imagine:0.3 --fault stuck:pan:1" in lines


def test_defaults_are_shown() -> None:
    """The help of the sandbox shows what it does unless told otherwise."""
    page = journey("sandbox", "--help").stdout

    for default in ("127.0.0.1", "8787", "starter", "1000", "20.0", "japi_sandbox_key"):
        assert f"[default: {default}]" in page


def test_the_key_shown_is_the_key_of_the_sandbox() -> None:
    """The command repeats the sandbox's key, because importing the sandbox takes too long for a page of help."""
    assert app.API_KEY == journey_async.sandbox.API_KEY


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_does_not_wait_for_aiohttp(argument: str) -> None:
    """What only prints text loads neither the HTTP library nor Pillow."""
    probe = f"""if True:
        import sys
        from journey_async.cli import main
        code = main([{argument!r}])
        heavy = {{"aiohttp", "anyio", "PIL"}} & set(sys.modules)
        sys.exit(code or (f"loaded {{heavy}}" if heavy else 0))
    """
    done = ran(sys.executable, "-c", probe)

    assert (done.returncode, done.stderr) == (0, "")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is that of the package."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"journey-async {__version__}\n"


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`journey` alone tells what there is."""
    assert main([]) == 0
    assert "sandbox" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("missing", "extra"), [("typer", "cli"), ("rich", "cli"), ("PIL", "sandbox")], ids=["typer", "rich", "pillow"]
)
def test_a_missing_extra_is_one_line(missing: str, extra: str) -> None:
    """Without an extra the command says in one line how to get it."""
    probe = f"""if True:
        import sys
        sys.modules[{missing!r}] = None
        from journey_async.cli import main
        sys.exit(main(["demo"]))
    """
    done = ran(sys.executable, "-c", probe, env=environment())

    assert (done.returncode, done.stdout) == (MISUSED, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"journey: {missing} is not installed, it comes with the extra {extra!r}: pip install ")
