"""Draw the charts of the performance chapter from `benchmarks/results.json`: `docs/assets/chart-*.svg`.

`make bench` runs it, with matplotlib. A drawing holds the points that it was made from, and a test compares.
"""

from __future__ import annotations

import html
import importlib
import json
import re
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
RESULTS: Final = ROOT / "benchmarks" / "results.json"
ASSETS: Final = ROOT / "docs" / "assets"
GREY: Final = "#7a7f87"
"""Of the text and the axes: to be read on a light page and on a dark one."""
COLOURS: Final = ("#009688", "#e07b39", "#5b7fd1", "#c2508f", "#8a8f3c")

CHARTS: Final[dict[str, dict[str, Any]]] = {
    "asking": {
        "title": "Requests for one task, and how late its end is noticed",
        "x": "lag kept by 99 of 100 tasks, seconds",
        "y": "requests per task",
        "scales": ("log", "log"),
        "ticks": (0.2, 0.5, 1, 2, 5, 10),
        "marker": "o",
    },
    "slots": {
        "title": "Tasks in flight during a run, 25 slots",
        "x": "seconds since the run began",
        "y": "tasks in flight",
        "scales": ("linear", "linear"),
        "marker": "",
    },
    "memory": {
        "title": "What following takes",
        "x": "tasks that are followed",
        "y": "megabytes",
        "scales": ("log", "log"),
        "marker": "o",
    },
}


def drawing(name: str) -> Path:
    """Give where a chart is drawn."""
    return ASSETS / f"chart-{name}.svg"


def draw(name: str, curves: dict[str, list[list[float]]]) -> None:
    """Draw one chart."""
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    # Text stays text, and the same points give the same file.
    matplotlib.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif"}
    plots: Any = importlib.import_module("matplotlib.pyplot")
    look = CHARTS[name]
    figure, axes = plots.subplots(figsize=(8, 4.5), layout="constrained")
    for (label, points), colour in zip(curves.items(), COLOURS[: len(curves)], strict=True):
        across, up = zip(*points, strict=True)
        line = {"color": colour, "linestyle": "--" if label.startswith("by hand") else "-", "linewidth": 1.8}
        axes.plot(across, up, label=label, marker=look["marker"], markersize=4, **line)
    scale_x, scale_y = look["scales"]
    axes.set(title=look["title"], xlabel=look["x"], ylabel=look["y"], xscale=scale_x, yscale=scale_y)
    for axis, scale in ((axes.xaxis, scale_x), (axes.yaxis, scale_y)):
        if scale == "log":
            axis.set_major_formatter("{x:,g}")
        else:
            axis.get_major_locator().set_params(integer=True)
    if "ticks" in look:
        axes.set_xticks(look["ticks"])
        axes.xaxis.set_minor_formatter("")
    axes.grid(visible=True, color=GREY, alpha=0.25)
    axes.tick_params(which="both", colors=GREY)
    for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
        text.set_color(GREY)
    axes.spines[:].set_color(GREY)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, labelcolor=GREY, loc="outside lower center", ncols=2)
    metadata = {"Date": None, "Creator": None, "Description": json.dumps(curves)}
    figure.savefig(drawing(name), transparent=True, metadata=metadata)
    plots.close(figure)


def points_of(svg: str) -> Any:  # noqa: ANN401 - what JSON holds
    """Give the points that a drawing was made from."""
    found = re.search(r"<dc:description>(.*?)</dc:description>", svg, re.DOTALL)
    return json.loads(html.unescape(found[1])) if found else None


def main() -> None:
    """Draw all of them."""
    charts = json.loads(RESULTS.read_text(encoding="utf-8"))["charts"]
    for name in CHARTS:
        draw(name, charts[name])


if __name__ == "__main__":
    main()
