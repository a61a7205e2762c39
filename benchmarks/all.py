"""Is everything as fast and as light as promised? Every benchmark in a process of its own, and one table.

    python benchmarks/all.py [--quick | --full] [--only NAME ...] [--out FILE]

The rows are written to benchmarks/results.json with the machine, the versions and the load, and the points of the
charts; a --quick run, or one of some benchmarks --only, writes nothing unless it is told where.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from benchmarks.paired import Measured
from benchmarks.rows import Row, table

FOLDER: Final = Path(__file__).parent
NAMES: Final = (
    "submitting",
    "instructions",
    "asking",
    "slots",
    "memory",
    "watching",
    "life",
    "journalled",
    "receiving",
    "growth",
    "starting",
    "side_by_side",
    "cluster",
    "decoding",
)
PACKAGES: Final = ("journey-async", "aiohttp", "anyio", "attrs", "backoff", "uvloop", "httpx", "orjson", "apiframe-sdk")


def machine() -> dict[str, Any]:
    """Say where it runs."""
    versions: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "versions": versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def measured(name: str, size: str) -> list[dict[str, Any]]:
    """Run one benchmark; its failure is a row too."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--json"]
    if size != "usual":
        command.append(f"--{size}")
    load = os.getloadavg()[0]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        failed = {"headline": f"{name}.py", "note": f"it ended with code {done.returncode}", "verdict": "FAILED"}
        return [{"benchmark": name, **failed}]
    return [{"benchmark": name, "load_before": round(load, 2), **row} for row in json.loads(done.stdout)]


def points(size: str) -> dict[str, Any]:
    """Measure what the charts show."""
    command = [sys.executable, str(FOLDER / "charts.py"), *(["--quick"] if size == "quick" else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    charts: dict[str, Any] = json.loads(done.stdout)
    return charts


def _row(told: dict[str, Any]) -> Row:
    fields = {field: value for field, value in told.items() if field not in {"benchmark", "load_before", "verdict"}}
    if fields.get("measured") is not None:
        fields["measured"] = Measured(**fields["measured"])
    return Row(**fields)


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", dest="size", action="store_const", const="quick")
    sizes.add_argument("--full", dest="size", action="store_const", const="full")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--out", type=Path)
    parser.set_defaults(size="usual")
    options = parser.parse_args()
    where = machine()
    told: list[dict[str, Any]] = []
    for name in options.only:
        print(f"{name} ...", file=sys.stderr, flush=True)
        told += measured(name, options.size)
    print(f"{where['python']}, {where['system']}, {where['processor']}, {where['cores']} cores")
    print(table([_row(each) for each in told]))
    whole = options.only is NAMES
    out: Path | None = options.out or (FOLDER / "results.json" if whole and options.size != "quick" else None)
    if out is not None:
        results = {"machine": where, "size": options.size, "rows": told}
        if whole:
            print("charts ...", file=sys.stderr, flush=True)
            results["charts"] = points(options.size)
        out.write_text(f"{json.dumps(results, indent=1)}\n", encoding="utf-8")
    return any(each["verdict"] == "FAILED" for each in told)


if __name__ == "__main__":
    sys.exit(main())
