"""The page: what it shows, what it refers to, and what texts cannot do to it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.events import Differences, NodeWaiting
from journey_async.core.outcome import Outcome
from journey_async.core.spending import Spending
from journey_async.errors import JournalError
from journey_async.gallery import write_gallery
from journey_async.gallery.model import show
from journey_async.gallery.page import POLICY, Pages
from journey_async.graph import TaskGraph
from tests.gallery.runs import FAULTS, NASTY, ONCE, PROMPT, SECRET, Links, elk, put_pictures, ran

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.gallery.page import Page


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, anyio_backend: object) -> Path:
    """Write one gallery for all tests that only look at it."""
    folder = tmp_path_factory.mktemp("site")
    outcome = await ran(elk(), folder / "elk.db", faults=FAULTS)
    put_pictures(outcome, folder / "out")
    written = await write_gallery(folder / "elk.db", folder / "out", downloader=ONCE)
    assert written.failures == ()
    return folder / "out"


def read(site: Path) -> str:
    return (site / "index.html").read_text()


def given_to(script: bytes, function: str) -> dict[str, Any]:
    text = script.decode("ascii").strip()
    assert text.startswith(f"{function}(")
    assert text.endswith(");")
    value: dict[str, Any] = json.loads(text[len(function) + 1 : -2])
    return value


def test_every_file_that_it_refers_to_is_in_its_folder(site: Path) -> None:
    """And nothing that it refers to is anywhere else."""
    targets = Links(read(site)).targets
    assert len(targets) > 20
    for target in targets:
        parts = urlsplit(target)
        assert (parts.scheme, parts.netloc, parts.path.startswith("/")) == ("", "", False)
        assert (site / target).is_file()
    shipped = "".join((site / name).read_text() for name in ("gallery.css", "gallery.js"))
    assert "http" not in shipped.replace("http://www.w3.org/2000/svg", "")
    assert "url(" not in shipped
    assert "@import" not in shipped


def test_the_browser_is_told_to_allow_nothing_else(site: Path) -> None:
    """A policy without exceptions, and nothing in the page that would need one."""
    page = Links(read(site))
    (policy,) = (meta["content"] for meta in page.of("meta") if "http-equiv" in meta)
    assert policy == POLICY
    assert "unsafe" not in POLICY
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
    assert page.of("style") == []
    assert [script["src"] for script in page.of("script")] == ["gallery.js"]


def test_pictures_load_when_they_are_seen_and_have_their_room_before(site: Path) -> None:
    """Width and height keep the page from jumping."""
    images = Links(read(site)).of("img")
    assert len(images) == 5
    for image in images:
        assert image["loading"] == "lazy"
        assert int(image["width"] or 0) > 0
        assert int(image["height"] or 0) > 0
        assert image["alt"]
        assert (site / str(image["src"])).stat().st_size < 20_000


def test_a_card_tells_all_that_is_known(site: Path) -> None:
    """Prompt, action, parameters, credits, seconds, state, task id, and what it was made from."""
    page = Links(read(site))
    card = page.cards["left"]
    assert (card["data-action"], card["data-state"], card["data-prompt"]) == ("pan", "finished", PROMPT)
    assert card["data-parent"] == page.cards["two"]["data-place"]
    assert (
        page.cards["elk"]["data-children"] == f"{page.cards['two']['data-place']} {page.cards['again']['data-place']}"
    )
    texts = " ".join(" ".join(page.texts).split())
    for said in (
        f"Prompt (from above) {PROMPT} Key left Action pan direction left State finished Credits 4 Time",
        f"Task id {card['data-task']} Copy",
        "Banned prompt: knight",
        "a node above it failed: knight",
        "It may or may not have been accepted",
        "again above it is in doubt",
        "credits spent 18",
        "at most",
        "of 25 slots in use",
    ):
        assert said in texts
    assert {copied["data-copy"] for copied in page.of("button") if "data-copy" in copied} == {
        task["data-task"] for task in page.cards.values() if task["data-task"]
    }


def test_no_secret_is_in_any_file(site: Path) -> None:
    """Neither a webhook's secret nor its address, nor the service's signed links."""
    for file in site.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert SECRET.encode() not in data
            assert b"canary" not in data
            assert b"127.0.0.1" not in data


def test_a_prompt_with_markup_stays_text(site: Path) -> None:
    """It is in the page as text and attribute, and makes no tag."""
    page = Links(read(site))
    assert NASTY in page.texts
    assert page.cards["nasty"]["data-prompt"] == NASTY
    assert b"<" not in (site / "parts.js").read_bytes()


def test_the_pieces_of_an_open_page_are_those_of_the_page(site: Path) -> None:
    """What is handed to a page that follows would change nothing in one that was just opened."""
    page = read(site)
    news = given_to((site / "parts.js").read_bytes(), "galleryParts")
    pulse = given_to((site / "pulse.js").read_bytes(), "galleryPulse")
    (root,) = Links(page).of("html")

    assert pulse == {"version": root["data-version"], "live": False}
    assert (news["version"], news["shape"]) == (root["data-version"], root["data-shape"])
    assert len(news["parts"]) == 3 + 9
    for name, mark, html in news["parts"]:
        assert f'<div class="part" data-part="{name}" data-mark="{mark}">{html}</div>' in page


def test_the_same_files_do_on_any_system(site: Path) -> None:
    """No name has a sign that would need care in a link."""
    names = [path.name for path in site.rglob("*")]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9-]+(\.[a-z]+)?", name)] == []


async def test_a_journal_without_a_run_gives_a_page_that_says_so(tmp_path: Path) -> None:
    """It may be opened before the run begins."""
    await ran(TaskGraph(), tmp_path / "empty.db")
    written = await write_gallery(tmp_path / "empty.db", tmp_path / "out", downloader=ONCE)

    assert "No run has begun in this journal yet." in await anyio.Path(written.page).read_text()


async def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    """Nothing is written then."""
    with pytest.raises(JournalError, match="no such file"):
        await write_gallery(tmp_path / "none.db", tmp_path / "out")
    assert not await anyio.Path(tmp_path / "out").exists()


# ---------------------------------------------------------------------------------------------------------------------


PAGES = Pages()


def page_of(prompt: str, key: str) -> Page:
    graph = TaskGraph()
    graph.imagine(prompt, key=key)
    rows = {node.key: NodeWaiting(node=node) for node in graph}
    outcome = Outcome(rows=rows, spending=Spending(), differences=Differences())
    return PAGES.page(show(outcome, [], title=key), {}, live=True)


PRINTED = st.characters(exclude_categories=["Cc"])
_MARKUP = st.lists(
    st.sampled_from(
        [
            "</script>",
            "<script>",
            "<!--",
            "-->",
            "]]>",
            "<",
            ">",
            "&",
            '"',
            "'",
            "\\",
            "{{",
            "{%",
            "\u2028",
            "&lt;",
            "x",
        ]
    ),
    min_size=1,
).map("".join)


@given(st.one_of(_MARKUP, st.text(PRINTED, min_size=1)), _MARKUP)
def test_no_text_breaks_out_of_the_page(prompt: str, key: str) -> None:
    """Any prompt and any key: the same tags, the text unchanged, and no end of a script in what is data."""
    prompt, key = f"p{prompt}p", f"k{key}k".replace("\u2028", "")
    made = page_of(prompt, key)
    page, plain = Links(made.index.decode()), Links(page_of("p", "k").index.decode())
    told = prompt.encode(errors="replace").decode()

    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    (card,) = page.of("article")
    assert card["data-prompt"] == told
    assert card["data-key"] == key
    assert told in page.texts
    for script in (made.parts, made.pulse):
        assert not set(script) & set(b"<>&")
        assert max(script) < 128
    (_, _, html) = given_to(made.parts, "galleryParts")["parts"][3]
    assert Links(html).of("article")[0]["data-key"] == key
