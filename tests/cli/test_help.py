"""What the command says about itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import journey_async.sandbox
from journey_async.cli import app, exit_codes, main
from journey_async.cli.complaints import MISUSED
from journey_async.version import __version__
from tests.cli.processes import JOURNEY, environment, journey, ran

if TYPE_CHECKING:
    from tests.cli.conftest import Typed

COMMANDS = [*app.command_line().commands]
PAGES = [[], ["--help"], ["-h"], *([name, "--help"] for name in COMMANDS)]


@pytest.mark.parametrize("arguments", PAGES, ids=" ".join)
def test_help_fits_80_columns_and_has_an_example(arguments: list[str], typed: Typed) -> None:
    """Every page of help fits a terminal of 80 columns and shows how a command is used."""
    page = typed(*arguments)

    assert (page.code, page.err) == (0, "")
    assert max(len(line) for line in page.out.splitlines()) <= 80
    assert "Example" in page.out
    name = arguments[0] if arguments and arguments[0] in COMMANDS else "demo"
    assert any(line.strip().startswith(f"journey {name}") for line in page.out.splitlines())
    assert "[bold]" not in page.out


def test_every_exit_code_is_documented(typed: Typed) -> None:
    """The first page tells what each code means, and every code that the package knows is one of them."""
    lines = [" ".join(line.split()) for line in typed("--help").out.splitlines()]

    assert [f"{code} {meaning}" for code, meaning in exit_codes.EXIT_CODES.items() if f"{code} {meaning}" in lines] == [
        f"{code} {meaning}" for code, meaning in exit_codes.EXIT_CODES.items()
    ]
    constants = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
    assert constants == set(exit_codes.EXIT_CODES)


def test_completion() -> None:
    """A shell is told how to complete the command, and completes commands, options and their values."""
    script = ran(
        *JOURNEY, "--show-completion", "bash", env=environment(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    )
    assert (script.returncode, script.stderr) == (0, "")
    assert "complete -o default -F" in script.stdout

    def completed(line: str) -> list[str]:
        words = environment(_JOURNEY_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")))
        return ran(*JOURNEY, env=words).stdout.split()

    assert completed("journey up") == ["upscale-1x", "upscale-alt", "upscale-2x-4x"]
    assert completed("journey pan x --dir") == ["--direction"]
    assert completed("journey pan x --direction ") == ["up", "down", "left", "right"]
    assert "nano-banana" in completed("journey imagine x --model nano")


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
