"""Tries the wheel and the sdist in empty environments: `python tests/package_smoke.py dist`; `make package` runs it.

It needs nothing but Python and pip, and prints what it found to be right. The first thing that is wrong ends it.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

NEEDED: Final = ("journey_async/__init__.py", "journey_async/py.typed", "journey_async/openapi.json")

LIBRARY: Final = """
import json, sys
from importlib.metadata import version
from importlib.resources import files
import journey_async
from journey_async import *
assert journey_async.__version__ == version("journey-async"), journey_async.__version__
assert json.loads(files("journey_async").joinpath("openapi.json").read_text("utf-8"))["openapi"] == "3.1.0"
assert "site-packages" in journey_async.__file__, journey_async.__file__
assert not {"typer", "rich", "PIL", "jinja2", "pytest"} & set(sys.modules)
grid = TaskGraph()
tile = grid.upscale_1x(grid.imagine("an elk"), index=2)
assert grid.credits.exact and grid.credits.least == 6, grid.credits
print(journey_async.__version__)
"""

SUBMIT: Final = """
import anyio
from journey_async import JourneyClient
from journey_async.sandbox import Sandbox

async def main():
    async with Sandbox(task_seconds=0) as box, JourneyClient(box.api_key, base_url=box.base_url) as journey:
        elk = await journey.upscale_1x(await journey.imagine("an elk"), index=2)
        print((await elk).image_url)
        assert box.ledger()["charged"] == 6

anyio.run(main)
"""


def main(folder: Path) -> None:
    """Try what is in *folder*: one wheel and one sdist."""
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    look_into(wheel)
    with TemporaryDirectory() as temporary:
        same_content(wheel, sdist, Path(temporary))
        for archive in (wheel, sdist):
            python = environment(Path(temporary) / archive.name, str(archive))
            without_extras(python)
            told(f"{archive.name}: the library works, and the command says what it needs")
        python = environment(Path(temporary) / "extras", f"{wheel}[cli,sandbox]")
        with_extras(python)
        told(f"{wheel.name}[cli,sandbox]: the command and the sandbox work")


def look_into(wheel: Path) -> None:
    """Check that the wheel has what the package needs and nothing beside the package."""
    names = ZipFile(wheel).namelist()
    assert set(NEEDED) <= set(names), names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"journey_async"}, names
    assert any(name.endswith("LICENSE") for name in names), names
    told(f"{wheel.name}: {len(names)} files, the package alone")


def same_content(wheel: Path, sdist: Path, temporary: Path) -> None:
    """Check that the sdist builds the same wheel."""
    with tarfile.open(sdist) as archive:
        assert any(name.endswith("/pyproject.toml") for name in archive.getnames())
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(temporary / "built"),
        str(sdist),
    )
    (built,) = (temporary / "built").glob("*.whl")
    first, second = ZipFile(wheel), ZipFile(built)
    assert sorted(first.namelist()) == sorted(second.namelist())
    assert all(first.read(name) == second.read(name) for name in first.namelist())
    told(f"{sdist.name}: builds the same wheel")


def environment(folder: Path, requirement: str) -> str:
    """Make an empty environment, install *requirement* in it, and give its Python."""
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(scripts / "python")
    run(python, "-m", "pip", "install", "--quiet", requirement)
    run(python, "-m", "pip", "check")
    return python


def without_extras(python: str) -> None:
    """Check the library, and that the command tells which extra is missing."""
    run(python, "-c", LIBRARY)
    refused = subprocess.run([journey(python), "models"], capture_output=True, check=False, text=True)  # noqa: S603
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0, said
    assert "pip install 'journey-async[cli" in said, said
    assert "Traceback" not in said, said


def with_extras(python: str) -> None:
    """Check the command, and a task of the sandbox."""
    assert run(journey(python), "--version").startswith("journey-async ")
    assert "midjourney" in run(journey(python), "models")
    assert run(python, "-c", SUBMIT).startswith("http://127.0.0.1:")


def journey(python: str) -> str:
    """Give the command beside an environment's Python."""
    return str(Path(python).with_name("journey"))


def run(*command: str) -> str:
    """Run a program, away from this folder, and give what it printed; raises where it fails."""
    ran = subprocess.run(command, capture_output=True, check=False, cwd=Path(sys.prefix), text=True)  # noqa: S603
    assert ran.returncode == 0, f"{' '.join(command[:4])}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
    return ran.stdout


def told(text: str) -> None:
    """Say what is right."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
