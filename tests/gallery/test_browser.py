"""The page in a real Chromium, opened from the file system. Skipped where there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async.gallery import write_gallery
from journey_async.graph import TaskGraph
from tests.gallery.browser import CHROMIUM, Browser, browser
from tests.gallery.runs import FAULTS, NASTY, ONCE, elk, put_pictures, ran

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)")
SHOWN = (
    "[...document.querySelectorAll('main .card')].filter(card => card.checkVisibility()).map(card => card.dataset.key)"
)
FOUND = (
    "[...document.querySelectorAll('main .node:not([hidden]):not(.aside) > .part > .card')]"
    ".map(card => card.dataset.key)"
)
OPEN = "document.querySelector('.box').open && document.querySelector('#box-title').textContent"
WHERE = "document.querySelector('.where').textContent"


@pytest.fixture(scope="module")
async def chromium(tmp_path_factory: pytest.TempPathFactory, anyio_backend: object) -> AsyncGenerator[Browser]:
    async with browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, anyio_backend: object) -> Path:
    folder = tmp_path_factory.mktemp("site")
    outcome = await ran(elk(), folder / "elk.db", faults=FAULTS)
    put_pictures(outcome, folder / "out")
    written = await write_gallery(folder / "elk.db", folder / "out", downloader=ONCE)
    return written.page


@pytest.fixture
async def page(chromium: Browser, site: Path) -> AsyncGenerator[Browser]:
    """Open the page; whatever a test does with it, nothing is complained about and nothing asked of a network."""
    await chromium.show()
    await chromium.open(site)
    await chromium.run("localStorage.clear()")
    yield chromium
    assert chromium.complaints == []
    assert [link for link in chromium.requested if not link.startswith("file://")] == []


async def search(page: Browser, text: str) -> list[str]:
    await page.run(
        "(() => { const find = document.querySelector('[name=find]'); "
        f"find.value = {json.dumps(text)}; find.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    )
    found: list[str] = await page.run(FOUND)
    return found


async def click(page: Browser, selector: str) -> None:
    await page.run(f"document.querySelector({json.dumps(selector)}).click()")


def card(key: str) -> str:
    return f'main .card[data-key="{key}"] [data-open]'


async def test_a_script_in_a_prompt_is_text(page: Browser) -> None:
    """It is shown as it was typed, and does nothing, also when it is large."""
    await click(page, card("nasty"))

    assert await page.run("document.title") == "elk: journey gallery"
    assert await page.run("document.querySelector('.about').textContent.includes('<script>document.title')")
    assert await page.run("document.querySelector('main .card[data-key=nasty]').dataset.prompt") == NASTY
    assert await page.run("document.querySelectorAll('script').length") == 1


async def test_the_policy_lets_nothing_else_in(chromium: Browser, site: Path) -> None:
    """A script in the page, a handler, a picture from elsewhere: the browser refuses each of them."""
    await chromium.open(site)
    await chromium.run(
        "(() => { const script = document.createElement('script'); script.textContent = 'document.title = 1';"
        "document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:1/x.png';"
        "document.body.append(image); image.setAttribute('onerror', 'document.title = 2'); })()"
    )
    await chromium.until("true")

    assert await chromium.run("document.title") == "elk: journey gallery"
    assert len([said for said in chromium.complaints if "Content Security Policy" in said]) >= 2


async def test_search_finds_prompts_keys_and_ids(page: Browser, site: Path) -> None:
    """With what it was made from still in sight; the address keeps it over a reload."""
    everything = await page.run(FOUND)
    assert len(everything) == 9
    assert await search(page, "KNIGHT banned") == ["knight", "knight-1"]
    assert await page.run(SHOWN) == ["knight", "knight-1"]
    assert await search(page, "left") == ["left"]
    assert await page.run(SHOWN) == ["elk", "two", "left"]
    task = await page.run("document.querySelector('main .card[data-key=large]').dataset.task")
    assert await search(page, task) == ["large"]
    assert await page.run("document.querySelector('.count').textContent") == "1 of 9"

    place = await page.run("location.hash")
    await page.open(site, place)
    assert await page.run(FOUND) == ["large"]
    assert await search(page, "nothing of the kind") == []
    await click(page, "[data-clear]")
    assert await page.run(FOUND) == everything


async def test_filters_by_state_and_action(page: Browser) -> None:
    """One state at a time, a second click shows all again; both filters and the search go together."""
    await click(page, '[data-only="in doubt"]')
    assert await page.run(FOUND) == ["again"]
    assert await page.run("document.querySelector('[data-only=\"in doubt\"]').ariaPressed") == "true"
    await click(page, '[data-only="in doubt"]')
    await page.run(
        "(() => { const select = document.querySelector('[name=action]'); select.value = 'upscale-1x';"
        "select.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )
    assert await page.run(FOUND) == ["two", "again-1", "knight-1"]
    assert await search(page, "elk") == ["two", "again-1"]


async def test_the_box_is_led_by_keys_alone(page: Browser) -> None:
    """From search to a picture, along the row, up and down the tree, to a tile, and back to where it began."""
    await page.press("/")
    assert await page.run("document.activeElement.name") == "find"
    await page.run("document.querySelector('.card[data-key=elk] [data-open]').focus()")
    await page.press("Enter")
    assert await page.run(OPEN) == "elk"
    assert await page.run(WHERE) == "1 of 9: imagine, finished"
    for key, shown in (
        *(("ArrowLeft", "elk"), ("ArrowDown", "two"), ("ArrowRight", "left"), ("ArrowRight", "large")),
        *(("ArrowDown", "large"), ("ArrowUp", "two"), ("ArrowUp", "elk"), ("ArrowUp", "elk")),
    ):
        await page.press(key)
        assert await page.run(OPEN) == shown, key
    await page.press("3")
    assert await page.run(WHERE) == "1 of 9: imagine, tile 3, finished"
    assert (await page.run("document.querySelector('.view img').src")).endswith("-3.png")
    await page.press("0")
    assert await page.run("document.querySelectorAll('.four img').length") == 4
    await page.press("ArrowDown")
    await page.press("Escape")
    await page.until("document.activeElement.closest('.card')?.dataset.key === 'two'")
    assert not await page.run(OPEN)
    assert await page.run("location.hash") == ""


async def test_before_and_after_are_compared_with_a_slider(page: Browser) -> None:
    """The tile that it was made from under the picture that was made of it; arrows move the seam."""
    await click(page, card("two"))
    await page.press("c")
    sources = await page.run("[...document.querySelectorAll('.pair img')].map(image => image.src.slice(-6))")
    assert sources == ["-2.png", "-1.png"]
    assert await page.run("[...document.querySelectorAll('.tag')].map(tag => tag.textContent)") == [
        "imagine, tile 2",
        "upscale-1x",
    ]
    assert await page.run("document.activeElement.type") == "range"
    await page.press("ArrowRight")
    assert await page.run("document.querySelector('.pair').style.getPropertyValue('--cut')") == "51%"
    assert await page.run(OPEN) == "two"
    await page.press("c")
    assert await page.run("document.querySelector('.pair')") is None
    await click(page, card("elk"))
    assert await page.run("document.querySelector('[data-do=compare]').hidden")


async def test_what_has_no_picture_says_why(page: Browser) -> None:
    """In the box too."""
    await click(page, card("knight"))
    assert await page.run("document.querySelector('.view').innerText.trim()") == "failed\nBanned prompt: knight"
    await click(page, card("again"))
    assert "may or may not have been accepted" in await page.run("document.querySelector('.view').innerText")


async def test_a_task_id_is_copied(page: Browser) -> None:
    """By its button in the box."""
    await page.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    await click(page, card("two"))
    await click(page, ".about .copy")
    await page.until("document.querySelector('.about .copy').textContent === 'Copied'")
    task = await page.run("document.querySelector('main .card[data-key=two]').dataset.task")
    assert await page.run("navigator.clipboard.readText()") == task


async def test_colours_follow_the_system_and_the_button(page: Browser, site: Path) -> None:
    """Light, dark, and what was chosen lasts."""
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    light = await page.run(colour)
    await page.show(dark=True)
    dark = await page.run(colour)
    assert light != dark
    await click(page, ".theme")
    assert (await page.run(colour), await page.run("document.querySelector('.theme').textContent")) == (light, "Light")
    await page.open(site)
    assert await page.run(colour) == light
    await page.run("localStorage.clear()")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
async def test_nothing_is_wider_than_the_screen(page: Browser, site: Path, width: int) -> None:
    """Also on a small phone, and in the box."""
    await page.show(width=width, height=700)
    await page.open(site)
    assert await page.run("document.documentElement.scrollWidth") <= width
    await click(page, card("two"))
    assert await page.run("document.querySelector('.box').scrollWidth") <= width
    assert await page.run("document.querySelector('.view').getBoundingClientRect().height") > 150


async def test_motion_is_left_out_where_it_is_unwelcome(page: Browser) -> None:
    """No transition and no animation."""
    await page.show(still=True)
    assert await page.run("getComputedStyle(document.querySelector('.shot img')).transitionDuration") == "0s"


AUDIT = """(() => {
  const wrong = [];
  const seen = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (seen.has(element.id)) wrong.push(`twice: ${element.id}`);
    seen.add(element.id);
  }
  for (const element of document.querySelectorAll("[aria-labelledby]")) {
    if (!document.getElementById(element.getAttribute("aria-labelledby"))) wrong.push(`no label: ${element.outerHTML}`);
  }
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) wrong.push(image.outerHTML);
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    const visible = element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
    if (!text.data.trim() || !visible) continue;
    if (element.closest("[aria-hidden=true], .tag, .seam, option, :disabled")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) wrong.push(`contrast ${contrast.toFixed(2)}: ${text.data.trim().slice(0, 40)}`);
  }
  return wrong;
})()"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("place", ["", "#open=1", "#open=6"])
async def test_it_can_be_read_and_named(page: Browser, site: Path, place: str, dark: bool) -> None:
    """Contrast of 4.5 for every text, no id twice, and a name for everything that can be operated."""
    await page.show(dark=dark, height=3000)
    await page.open(site, place)
    assert await page.run(AUDIT) == []
    tree = await page.call("Accessibility.getFullAXTree")
    assert nameless(tree["nodes"]) == []


def nameless(nodes: list[dict[str, Any]]) -> list[str]:
    """Give what can be operated or looked at and has no name."""
    roles = {
        "button",
        "link",
        "searchbox",
        "combobox",
        "slider",
        "dialog",
        "image",
        "img",
        "region",
        "search",
        "textbox",
    }
    return [
        node["role"]["value"]
        for node in nodes
        if not node.get("ignored") and node["role"]["value"] in roles and not node.get("name", {}).get("value")
    ]


async def test_an_open_page_follows_the_run(chromium: Browser, tmp_path: Path) -> None:
    """Cards change where they are: the open box, the search and the focus stay; other nodes bring a whole new page."""
    graph = TaskGraph()
    grid = graph.imagine("a tree", key="tree")
    journal, out = tmp_path / "tree.db", tmp_path / "out"
    outcome = await ran(graph, journal)
    await write_gallery(journal, out, downloader=ONCE)
    await chromium.show()
    await chromium.open(out / "index.html", "#find=tree&open=0")
    assert "no connection was made" in await chromium.run("document.querySelector('.view').innerText")
    await chromium.run("globalThis.before = true")

    put_pictures(outcome, out)
    await write_gallery(journal, out, downloader=ONCE)
    await chromium.run("load('pulse.js')")
    await chromium.until("document.querySelectorAll('.four img').length === 4")
    assert await chromium.run("globalThis.before")
    assert await chromium.run(OPEN) == "tree"
    assert await chromium.run("document.querySelector('[name=find]').value") == "tree"
    assert await chromium.run("document.querySelector('main .card img').naturalWidth") > 0

    graph.upscale_1x(grid, index=1, key="tree-1")
    await ran(graph, journal)
    await write_gallery(journal, out, downloader=ONCE)
    await chromium.run("load('pulse.js')")
    await chromium.until("document.readyState === 'complete' && document.querySelectorAll('main .card').length === 2")
    await chromium.until(OPEN)
    assert await chromium.run(OPEN) == "tree"
    assert chromium.complaints == []


async def test_a_page_that_was_written_while_watching_looks_for_news_by_itself(
    chromium: Browser, tmp_path: Path
) -> None:
    """Until it is told that nobody follows any more."""
    journal, out = tmp_path / "tree.db", tmp_path / "out"
    graph = TaskGraph()
    graph.imagine("a tree", key="tree")
    await ran(graph, journal)
    await write_gallery(journal, out, downloader=ONCE)
    index = anyio.Path(out / "index.html")
    text = await index.read_text()
    await index.write_text(
        text.replace('data-live="no"', 'data-live="yes"').replace('role="status">', 'role="status">following')
    )
    await chromium.open(out / "index.html")

    await chromium.until("document.documentElement.dataset.live === 'no'")
    assert await chromium.run("document.querySelector('.live').textContent") == ""
    assert any("pulse.js?" in link for link in chromium.requested)
    assert await chromium.run("document.querySelectorAll('script').length") == 1
