"""`journey demo`: its story, its pictures and its numbers."""

from __future__ import annotations

import io
import os
import re
import signal
from io import BytesIO
from typing import TYPE_CHECKING

import aiohttp
import anyio
import pytest
from PIL import Image
from rich.console import Console

from journey_async import JourneyClient
from journey_async.cli import main
from journey_async.cli.album import Album, files
from journey_async.cli.complaints import FAILED, INTERRUPTED, CommandError
from journey_async.cli.demo import mask_for
from journey_async.cli.progress import credits_of, display_on
from journey_async.core.kinds import Grid, Picture
from journey_async.core.pacing import Pace
from journey_async.sandbox import Sandbox
from tests.cli.processes import PATIENCE, started

if TYPE_CHECKING:
    from pathlib import Path

GRIDS = (
    "01-imagine",
    "03-pan-left",
    "04-inpaint",
    "05-outpaint",
    "07-variations-strong",
    "08-variations-subtle",
)
FILES = {f"{grid}-{part}.png" for grid in GRIDS for part in ("sheet", 1, 2, 3, 4)} | {
    "02-upscale-1x.png",
    "04-inpaint-mask.png",
    "06-upscale-alt-creative.png",
}

# It draws dozens of pictures, which takes long where every line is counted for coverage on a busy machine.


def test_the_demo_tells_saves_and_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight tasks are told in plain lines, 33 pictures saved, the refusal costs nothing, and the table adds up."""
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / "new" / "pictures"

    assert main(["demo", "--out", os.fspath(folder), "--speed", "300"]) == 0

    assert {path.name for path in folder.iterdir()} == FILES
    for path in folder.iterdir():
        with Image.open(path) as picture:
            picture.verify()
    said = capsys.readouterr()
    assert said.err == ""
    assert "\x1b" not in said.out
    text = " ".join(said.out.split())
    assert "IllegalParentError: pan needs an upscale-1x picture as parent" in text
    counted = re.search(r"ledger: (\d+) requests before, (\d+) after", text)
    assert counted is not None
    assert counted[1] == counted[2]
    assert re.search(r"│ 8 tasks +│ +│ +\d+\.\d │ +30 │", said.out)
    for name in ("imagine", "upscale-1x", "upscale-alt creative", "variations subtle"):
        assert re.search(rf"  {name} +100%  finished +[24] credits\n", said.out)
        assert re.search(rf"  {name} +100%  saved\n", said.out)
        assert re.search(rf"│ {name} +│ 0\d-\S+\.png +│ +\d+\.\d │ +[24] │\n", said.out)
    *others, requests, spent, pictures = said.out.splitlines()
    assert re.fullmatch(r"requests  \d+: 8 cost credits, \d+ /fetch and \d+ /fetch-many cost nothing", requests)
    assert spent == "credits   30 spent, 970 left"
    assert pictures == f"pictures  33 in {folder}"
    assert max(len(line) for line in (*others, requests)) <= 80


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    """Ctrl-C in the middle of the story leaves no traceback."""
    with started("demo", "--speed", "1", "--out", os.fspath(tmp_path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("1. imagine")
        assert process.stdout.readline().strip().startswith("imagine")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)

    assert (process.returncode, said) == (INTERRUPTED, "")


async def test_a_terminal_gets_bars() -> None:
    """In a terminal a task has one bar, drawn anew at each change, and what is said stands above it."""
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    async with (
        Sandbox(task_seconds=0.01) as box,
        JourneyClient(box.api_key, base_url=box.base_url, pace=Pace(lag=0.01)) as journey,
    ):
        with display_on(console) as display:
            task = await journey.imagine("an elk")
            display.say("one grid")
            display.show("imagine", task)
            await task
            display.show("imagine", task)
            display.saved("imagine")
        assert credits_of(task) == 4
        assert credits_of(await journey.fetch(task.id)) == 0

    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    assert "one grid" in drawn
    assert re.search(r"imagine.*0%.*submitted.*4 credits", drawn)
    assert re.search(r"imagine.*100%.*finished.*4 credits", drawn)
    assert re.search(r"imagine.*100%.*saved.*4 credits", drawn)


def test_a_mask_is_white_in_its_middle_only() -> None:
    """The mask has the size of the picture and is repainted in the middle."""
    file = BytesIO()
    Image.new("RGB", (160, 90), "teal").save(file, "PNG")

    with Image.open(BytesIO(mask_for(file.getvalue()))) as mask:
        assert mask.size == (160, 90)
        assert [mask.getpixel(at) for at in ((80, 45), (5, 45), (80, 5))] == [255, 0, 0]


def test_files_of_results() -> None:
    """A grid gives its sheet and four tiles, a picture one file."""
    grid = Grid(task_id="1", original_image_url="sheet", image_urls=("a", "b", "c", "d"))

    assert files("01-grid", grid) == {
        "01-grid-sheet.png": "sheet",
        "01-grid-1.png": "a",
        "01-grid-2.png": "b",
        "01-grid-3.png": "c",
        "01-grid-4.png": "d",
    }
    assert files("02-one", Picture(task_id="2", image_url="e")) == {"02-one.png": "e"}


async def test_what_cannot_be_saved_is_said(tmp_path: Path) -> None:
    """A picture that cannot be downloaded or written is one clear error."""
    async with aiohttp.ClientSession() as session, Sandbox() as box:
        album = Album(tmp_path, session)
        missing = box.base_url.replace("/api/v1", "/media/nobody/0_0.png")
        with pytest.raises(ExceptionGroup) as caught:
            await album.keep("01", Picture(task_id="1", image_url=missing))
        (error,) = caught.value.exceptions
        assert isinstance(error, CommandError)
        assert str(error).startswith(f"cannot download {missing}: 404")

        await anyio.Path(tmp_path / "02.png").mkdir()
        with pytest.raises(CommandError, match=r"cannot write .*: Is a directory") as unwritten:
            await album.save("02.png", b"")
        assert unwritten.value.exit_code == FAILED
        assert album.saved == 0
