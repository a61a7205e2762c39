"""`python -m tests.fuzz --seconds N [--target NAME]`: inputs that atheris makes up, guided by what code they reach.

Without a target the seconds are shared among all, one after another. Needs `pip install atheris`.
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import time
import traceback
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.targets import Target

SLOW: Final = 2.0
"""Seconds of processor time that one input may take."""
HUNG: Final = 60
"""Seconds after which a process that is at one input is ended."""
LONGEST: Final = 1024
SHORT: Final = {"button": 160, "command": 48, "journal_file": 48}
"""Bytes of an input, where fewer than LONGEST say all there is to say."""
WORDS: Final = (
    *("task_id", "task_type", "model", "status", "percentage", "error", "errors", "msg", "tasks", "credits", "content"),
    *("image_urls", "image_url", "original_image_url", "video_urls", "full_content", "seed", "finished", "failed"),
    *(
        "imagine",
        "upscale-1x",
        "pan",
        "variations",
        "nodes",
        "action",
        "parent",
        "prompt",
        "extra",
        "index",
        "existing",
    ),
    *("kind", "record", "number", "table", "intent", "intended", "accepted", "ended", "settled", "doubted", "chosen"),
    *("whsec_0123456789abcdef", "X-Webhook-Secret: ", "intent=", "null", "true", "1e999", "NaN", "{prompt}", "}}"),
)


NAMES: Final = (
    *("submission", "fetch", "fetch_many", "account", "refusal", "webhook", "graph_toml", "graph_json", "rows_csv"),
    *("rows_jsonl", "button", "follow_up", "record", "history", "journal_file", "command"),
)
"""Those of TARGETS, which are imported where atheris watches alone."""


class Findings:
    """Keeps the shortest input for each place of the code where something goes wrong."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder / name
        self._shortest: dict[str, int] = {}

    def watched(self, target: Target, data: bytes) -> None:
        """Run *target*; what it raises, and what takes too long, is kept."""
        began = time.process_time()
        try:
            target(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            frame = traceback.extract_tb(error.__traceback__)[-1]
            self._keep(f"{type(error).__name__}-{Path(frame.filename).stem}-{frame.name}", data, repr(error))
        seconds = time.process_time() - began
        if seconds > SLOW:
            self._keep("slow", data, f"{seconds:.1f} s")

    def _keep(self, name: str, data: bytes, words: str) -> None:
        if len(data) >= self._shortest.get(name, sys.maxsize):
            return
        if name not in self._shortest:
            tell(f"FOUND {name}: {words[:200]}")
        self._shortest[name] = len(data)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.joinpath(name).write_bytes(data)


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def fuzz(name: str, given: argparse.Namespace) -> None:
    """Fuzz one target in this process, which atheris ends."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["journey_async", "tomllib"]):
        target: Target = importlib.import_module("tests.fuzz.targets").TARGETS[name]
        samples: Sequence[bytes] = importlib.import_module("tests.fuzz.samples").SAMPLES[name]
    findings = Findings(given.found, name)

    def watched(data: bytes) -> None:
        findings.watched(target, data)

    with TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        kept = Path(__file__).with_name("corpus").joinpath(name)
        inputs = [*samples, *(file.read_bytes() for file in kept.glob("*"))]
        for number, data in enumerate(inputs):
            seeds.joinpath(f"{number:04}").write_bytes(data)
        dictionary = Path(folder, "dictionary")
        dictionary.write_text("".join(f'"{word}"\n' for word in WORDS), encoding="utf-8")
        options = (
            *(f"-max_total_time={given.seconds}", f"-max_len={SHORT.get(name, LONGEST)}", f"-timeout={HUNG}"),
            *(f"-dict={dictionary}", f"-seed={given.seed}", "-len_control=100", "-rss_limit_mb=4096", str(seeds)),
        )
        atheris.Setup([sys.argv[0], *options], watched)
        atheris.Fuzz()


def fuzz_apart(name: str, given: argparse.Namespace) -> str:
    """Fuzz one target in a process of its own, and tell a line of the table."""
    options = ("--seconds", str(given.seconds), "--seed", str(given.seed), "--found", str(given.found))
    command = (sys.executable, "-m", "tests.fuzz", "--here", "--target", name, *options)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    done = re.search(r"Done (\d+) runs in (\d+) second", ended.stderr)
    found = [line for line in ended.stdout.splitlines() if line.startswith("FOUND ")]
    if done is None:
        found.append(f"it was ended by {ended.returncode}:\n{ended.stderr[-2000:]}")
    runs, seconds = done.groups() if done else ("?", "?")
    line = "\n  ".join([f"{name:14} {runs:>10} executions {seconds:>6} s   {len(found)} findings", *found])
    tell(line)
    return line


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=160)
    parser.add_argument("--target", choices=NAMES)
    parser.add_argument("--seed", type=int, default=0, help="0 takes another each time")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="the folder for findings")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if find_spec("atheris") is None:
        sys.stderr.write("atheris is not installed: pip install atheris (Linux and macOS; Python as it supports)\n")
        return 2
    if given.here:
        fuzz(given.target, given)
        return 0
    names = (given.target,) if given.target else NAMES
    given.seconds = max(1, given.seconds // len(names))
    lines = [fuzz_apart(name, given) for name in names]
    return 1 if any("FOUND" in line or "ended by" in line for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
