"""What the pages say about the code: made from it and fresh, and nothing is left out."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from anyio import to_thread

import journey_async
from journey_async import JourneyError, errors
from journey_async.cli import app
from journey_async.cli.exit_codes import worst
from journey_async.core.diagram import rules_as_mermaid
from tests.cli.processes import ROOT, environment, ran
from tests.docs.chapters import DOCS, scenes

if TYPE_CHECKING:
    from types import ModuleType

    from journey_async.testing import RunningSandbox

PAGES: Final = tuple(sorted(DOCS.glob("*.md")))
REFERENCE: Final = "".join(page.read_text(encoding="utf-8") for page in sorted((DOCS / "reference").glob("*.md")))
TYPED: Final = re.compile(r"^\$ journey (.+)$", re.MULTILINE)
SECRET: Final = "a-secret-of-24-letters.."


def program(name: str) -> ModuleType:
    """Load a program of the folder docs."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(name: str) -> str:
    """Give a page."""
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_made_from_the_code_is_fresh(page: Path) -> None:
    """`make readme` makes it anew. How wide the columns of a table or the frames of a help are does not count."""
    text = page.read_text(encoding="utf-8")

    assert re.findall(r"\w+", program("redraw").redrawn(text)) == re.findall(r"\w+", text)


def test_every_made_part_is_on_a_page() -> None:
    """Else a mistyped mark would make nothing."""
    everything = (ROOT / "README.md").read_text(encoding="utf-8") + "".join(map(Path.read_text, PAGES))
    opened = re.findall(r"^<!-- /([^\n]+) -->$", everything, re.MULTILINE)

    assert set(opened) == set(program("redraw")._PARTS)


def test_what_the_benchmarks_measured_becomes_a_table(tmp_path: Path) -> None:
    """Also what could not be measured, and with a word that a table would take for its edge."""
    measured = {"value": 0.98, "low": 0.97, "high": 0.99}
    rows = [
        {"headline": "a|b", "goal": 0.97, "more_is_better": True, "measured": measured, "note": "", "verdict": "met"},
        {"headline": "broken.py", "note": "it ended with code 1", "verdict": "FAILED"},
    ]
    words = dict.fromkeys(("when", "python", "system", "processor", "cores"), "…")
    machine: dict[str, Any] = {**words, "versions": {}}
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"machine": machine, "rows": rows}))

    assert program("redraw").results(path).splitlines()[-2:] == [
        "| a/b | at least 0.97 | 0.98 (0.97 to 0.99) | met |  |",
        "| broken.py |  |  | FAILED | it ended with code 1 |",
    ]


def test_the_drawing_of_the_rules_is_fresh() -> None:
    """`docs/drawing.py` says how to draw it anew."""
    svg = (DOCS / "assets" / "rules.svg").read_text(encoding="utf-8")

    assert program("drawing").source_of(svg) == rules_as_mermaid()


def test_the_charts_are_of_the_latest_results() -> None:
    """`make bench` draws them."""
    charts = program("charts")
    points = json.loads(charts.RESULTS.read_text(encoding="utf-8"))["charts"]

    assert set(points) == set(charts.CHARTS)
    for name, curves in points.items():
        assert charts.points_of(charts.drawing(name).read_text(encoding="utf-8")) == curves


def test_every_public_name_is_in_the_reference_once() -> None:
    """And nothing is there that is not public."""
    named = re.findall(r"^::: journey_async\.(?!testing)(\w+)$", REFERENCE, re.MULTILINE)

    assert sorted(named) == sorted(journey_async.__all__)


def test_every_error_has_a_cause_and_a_cure() -> None:
    """In the order of the tree."""
    table = text_of("errors.md").partition("## Cause and cure")[2]
    told = re.findall(r"^\| `(\w+)` \| \S.* \|", table, re.MULTILINE)
    tree = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    every = {
        name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, JourneyError)
    }

    assert told == tree
    assert {*told, "JourneyError"} == {name for name in every if not name.startswith("_")}


def test_every_module_has_its_place_in_the_house() -> None:
    """Of the package and of its core."""
    _, _, house = text_of("design.md").partition("## The house")
    package = ROOT / "journey_async"
    modules = [path.name for path in (*package.glob("*.py"), *package.glob("core/*.py")) if path.name != "__init__.py"]

    assert [name for name in modules if not re.search(rf"\b{re.escape(name)}", house.partition("\n## ")[0])] == []


def typed_commands() -> list[Any]:
    """Give what the pages type at a prompt, and the examples of the help with it."""
    found = [line for page in PAGES for line in TYPED.findall(page.read_text(encoding="utf-8"))]
    return [pytest.param(line, id=line[:40]) for line in found]


@pytest.mark.parametrize("line", typed_commands())
def test_what_is_typed_on_the_pages_exists(line: str) -> None:
    """Commands and their options."""
    words = line.split()
    whole = app.command_line()
    command = whole if words[0].startswith("-") else whole.commands[words[0]]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}

    assert {word for word in words if re.fullmatch(r"--?[a-z-]+", word)} - {"--ar"} <= known


def test_the_worst_exit_code_goes_first() -> None:
    """As the page says."""
    found = re.search(r"the code is the first of ([0-9, ]+) that holds", text_of("command.md"))
    assert found is not None
    codes = [int(code) for code in found[1].split(",")]

    assert [worst(codes[first:]) for first in range(len(codes))] == codes


async def test_the_application_of_the_webhooks_page_works(
    journey_sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It submits, and takes in what the service posts to the public URL."""
    monkeypatch.setenv("JOURNEY_API_KEY", journey_sandbox.api_key)
    monkeypatch.setenv("JOURNEY_BASE_URL", journey_sandbox.base_url)
    monkeypatch.setenv("JOURNEY_WEBHOOK_SECRET", SECRET)
    programs = [each.source for scene in scenes(DOCS / "webhooks.md") for each in scene.programs]
    (source,) = (each for each in programs if "FastAPI(" in each)
    names: dict[str, Any] = {}
    exec(compile(source, "docs/webhooks.md", "exec", dont_inherit=True), names)  # noqa: S102 - our own chapter
    app = names["app"]

    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://pictures.example") as service,
    ):
        task = (await service.post("/pictures", params={"prompt": "an elk"})).json()
        told = await service.post("/journey/", json=task, headers={"x-webhook-secret": SECRET})
        forged = await service.post("/journey/", json=task, headers={"x-webhook-secret": "guessed"})
        trap = await service.post("/journey", json=task)

    assert (told.status_code, forged.status_code, trap.status_code) == (200, 401, 307)
    ledger = await to_thread.run_sync(journey_sandbox.ledger)  # which waits for another thread
    assert ledger["charges"][0]["task_id"] == task["task_id"]


def test_the_site_is_built_and_needs_no_network(tmp_path: Path) -> None:
    """Strictly; no page loads anything from elsewhere."""
    built = ran(
        *(sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)),
        env=environment(NO_MKDOCS_2_WARNING="1"),
    )
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    script = r'<(?:script|img|iframe)[^>]+src="?(https?:[^" >]+)'
    style = r'<link(?![^>]+canonical)[^>]+href="?(https?:[^" >]+)'
    loaded = re.compile(f"{script}|{style}")

    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) > len(PAGES)
    assert [url for page in pages for url in loaded.findall(page.read_text(encoding="utf-8"))] == []
    for unread in ('class="mermaid"', "??? note", "--8&lt;--", "::: journey_async"):
        assert [page.name for page in pages if unread in page.read_text(encoding="utf-8")] == []
