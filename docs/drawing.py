"""Draw the rule table for the documentation: `docs/assets/rules.svg`, which needs no network and no script to be read.

    npm install --prefix /tmp/mermaid mermaid@11
    python docs/drawing.py /tmp/mermaid/node_modules/mermaid/dist/mermaid.min.js

It needs a Chromium, and only when the rules change: the drawing holds the text that it was made from, and a test
compares. Its colours are those of the page, from `docs/assets/extra.css`.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from journey_async.core.diagram import rules_as_mermaid

DRAWING: Final = Path(__file__).parent / "assets" / "rules.svg"
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_PAGE: Final = """<!doctype html><meta charset="utf-8"><body style="font-family: sans-serif">
<pre class="mermaid">{source}</pre><script src="{mermaid}"></script>
<script>mermaid.initialize({{
    startOnLoad: true, deterministicIds: true, fontFamily: "sans-serif", themeVariables: {{fontSize: "20px"}},
    flowchart: {{nodeSpacing: 80, rankSpacing: 50, wrappingWidth: 400}},
}})</script>"""


def drawn(source: str, mermaid: Path) -> str:
    """Give the SVG that mermaid draws from *source* in a browser."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise SystemExit(f"there is none of {', '.join(_BROWSERS)}: install Chromium")
    with TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(_PAGE.format(source=html.escape(source), mermaid=mermaid.resolve().as_uri()), encoding="utf-8")
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom")
        told = subprocess.run(  # noqa: S603 - our own page
            [browser, *options, page.as_uri()], capture_output=True, check=True, text=True, timeout=120
        )
    found = re.search(r"<svg.*</svg>", told.stdout, re.DOTALL)
    if found is None or "Syntax error" in found[0]:
        raise SystemExit("mermaid drew nothing")
    return found[0]


def tidied(svg: str, source: str) -> str:
    """Leave out mermaid's own colours and sizes, and put in what it was made from."""
    svg = re.sub(r"<style>.*?</style>|<style/?>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>(?:(?!marker).)*?</defs>", "", svg, flags=re.DOTALL)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r' (?:style|width|height)="[^"]*"', "", opening)
    rest = re.sub(r' (?:data-[a-z]+="[^"]*"|style=";?")', "", rest)
    title = "<title>What may follow what: the table of the page Kinds and actions as a drawing</title>"
    return f"{opening}>{title}<metadata>{html.escape(source, quote=False)}</metadata>{rest}\n"


def reordered(source: str) -> str:
    """Put the last arrow first: mermaid's layout follows the order, and this one leaves every label readable."""
    lines = source.splitlines()
    boxes = [line for line in lines if "->|" not in line]
    return "\n".join([*boxes, *reversed(lines[len(boxes) :])])


def source_of(svg: str) -> str:
    """Give the text that a drawing was made from."""
    found = re.search(r"<metadata>(.*?)</metadata>", svg, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def main() -> None:
    """Draw."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and one path
        raise SystemExit(__doc__)
    source = rules_as_mermaid()
    DRAWING.write_text(tidied(drawn(reordered(source), Path(sys.argv[1])), source), encoding="utf-8")


if __name__ == "__main__":
    main()
