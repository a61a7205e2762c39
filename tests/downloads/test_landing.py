"""Files on disk: names that are taken, file systems without links, and threads that are late."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from journey_async.landing import PartFile, found, places
from tests.downloads.media_server import names


def part(folder: Path, data: bytes) -> PartFile:
    made = PartFile(folder)
    made.write(data, at=0)
    return made


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file system have hard links, or none."""

    def refuse(path: Path, target: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    if request.param == "no links":
        monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_places_are_numbered_before_the_extension(tmp_path: Path) -> None:
    found_places = [place.name for _, place in zip(range(3), places(tmp_path / "a.b.png"), strict=False)]

    assert found_places == ["a.b.png", "a.b (2).png", "a.b (3).png"]


@pytest.mark.usefixtures("links")
def test_a_file_is_published_and_its_temporary_name_is_gone(tmp_path: Path) -> None:
    made = part(tmp_path / "new", b"elk")
    made.write(b"!", at=3)

    assert made.publish(tmp_path / "new" / "elk.png") == tmp_path / "new" / "elk.png"
    made.discard()
    assert names(tmp_path) == ["new/elk.png"]
    assert (tmp_path / "new" / "elk.png").read_bytes() == b"elk!"


@pytest.mark.usefixtures("links")
def test_a_taken_name_stays_taken(tmp_path: Path) -> None:
    for data in (b"one", b"two", b"one", b"two", b"six"):
        made = part(tmp_path, data)
        made.publish(tmp_path / "elk.png")
        made.discard()

    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files == {"elk.png": b"one", "elk (2).png": b"two", "elk (3).png": b"six"}


def test_a_move_that_fails_leaves_the_name_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, target: Path) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    made = part(tmp_path, b"elk")
    with pytest.raises(OSError, match="Input/output"):
        made.publish(tmp_path / "elk.png")
    made.discard()
    assert names(tmp_path) == []


def test_so_many_files_of_a_name_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(path: Path, target: Path) -> None:
        raise FileExistsError

    monkeypatch.setattr(Path, "hardlink_to", taken)
    with pytest.raises(FileExistsError, match="9999 files of this name"):
        part(tmp_path, b"elk").publish(tmp_path / "elk.png")


def test_what_is_written_further_ahead_replaces_what_stood_there(tmp_path: Path) -> None:
    made = part(tmp_path, b"one two three")
    made.write(b"2", at=4)

    assert made.publish(tmp_path / "elk").read_bytes() == b"one 2"


def test_a_thread_that_is_late_leaves_nothing(tmp_path: Path) -> None:
    unopened, opened = PartFile(tmp_path), part(tmp_path, b"elk")
    for made in (unopened, opened):
        made.discard()
        made.write(b"late", at=0)

    assert names(tmp_path) == []


def test_discarding_twice_is_harmless(tmp_path: Path) -> None:
    made = part(tmp_path, b"elk")
    made.discard()
    made.discard()


def test_a_file_is_found_by_its_size_and_its_beginning(tmp_path: Path) -> None:
    for name, data in (("elk.png", b"abcd"), ("elk (2).png", b"abxy"), ("elk (4).png", b"abcz")):
        (tmp_path / name).write_bytes(data)
    place = tmp_path / "elk.png"

    assert found(place, head=b"abc", size=4) == place
    assert found(place, head=b"abx", size=4) == tmp_path / "elk (2).png"
    assert found(place, head=b"ab", size=5) is None
    # There is no third: the fourth is another matter.
    assert found(place, head=b"abcz", size=4) is None
