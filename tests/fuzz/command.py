"""The command line, without a network: in a folder of its own, with files to name and no account."""

from __future__ import annotations

import io
import os
import sys
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from journey_async.cli import main
from journey_async.cli.action_names import SENTENCES
from journey_async.cli.exit_codes import EXIT_CODES
from tests.fuzz.journals import whole
from tests.pictures import PNG

if TYPE_CHECKING:
    from collections.abc import Generator

LEFT_OUT: Final = ("sandbox", "demo", "--watch", "--install-completion", "--show-completion")
"""They go on until they are stopped, or reach into the user's own shell."""
WORDS: Final = (
    *SENTENCES,
    *("fetch", "account", "plan", "run", "resume", "settle", "diagram", "models", "rules", "gallery"),
    *("--help", "-h", "--version", "--json", "--key-file", "--download", "--name", "--sheet", "--no-wait", "--budget"),
    *("--in-flight", "--template", "--journal", "--upscale", "--index", "--type", "--model", "--wait", "--prompt"),
    *("--mask", "--extra", "--aspect-ratio", "--direction", "--zoom-ratio", "--out", "--resubmit", "--abandon", "-o"),
    *("--mermaid", "--webhook-url", "--webhook-secret-file", "--adopt", "--", "-"),
    *("1", "2", "0", "-1", "nan", "1e999", "", " ", "an", "elk", "t1", "t2", "strong", "2x", "left", "{prompt}.{ext}"),
    *("graph.toml", "graph.json", "rows.csv", "rows.jsonl", "journal.db", "mask.png", "key", "folder", "nothing.toml"),
    *("{}", "5", "grid", "an elk"),
)
GRAPH: Final = '[nodes.grid]\naction = "imagine"\nprompt = "an elk"\n'
FILES: Final = {
    "graph.toml": GRAPH.encode(),
    "graph.json": b'{"nodes": {"grid": {"action": "imagine", "prompt": "{prompt}"}}}',
    "rows.csv": b"name,prompt\nelk,an elk\n",
    "rows.jsonl": b'{"name": "elk", "prompt": "an elk"}\n',
    "mask.png": PNG,
    "key": b"japi_fuzz_key\n",
}
ENVIRONMENT: Final = {"JOURNEY_BASE_URL": "nowhere", "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}


def command(data: bytes) -> str:
    """Run the command: a byte is a word of WORDS, those from 0xF0 on spell one of their own up to the next."""
    words = spelled(data)
    if not set(words).isdisjoint(LEFT_OUT):
        return "left out"
    with _somewhere():
        try:
            code: object = main(words)
        except SystemExit as leaving:
            code = leaving.code
    if code not in EXIT_CODES:
        raise AssertionError(f"exit code {code!r}")
    return str(code)


def spelled(data: bytes) -> list[str]:
    """Give the words; their own letters make no path out of the folder."""
    words: list[str] = []
    plain, *own = data.split(b"\xf0")
    words += [WORDS[byte % len(WORDS)] for byte in plain]
    for part in own:
        text, _, more = part.partition(b"\xf1")
        words.append(text.decode("utf-8", "surrogateescape").replace("/", "|").replace("\0", ""))
        words += [WORDS[byte % len(WORDS)] for byte in more]
    return words[:24]


@contextmanager
def _somewhere() -> Generator[None]:
    before = dict(os.environ)
    with TemporaryDirectory() as above:
        folder = Path(above, "here")
        folder.joinpath("folder").mkdir(parents=True)
        for name, content in FILES.items():
            folder.joinpath(name).write_bytes(content)
        folder.joinpath("journal.db").write_bytes(whole())
        os.environ.pop("JOURNEY_API_KEY", None)
        os.environ.update(ENVIRONMENT, HOME=above)
        stdin, sys.stdin = sys.stdin, io.StringIO("")
        try:
            with chdir(folder), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                yield
        finally:
            sys.stdin = stdin
            os.environ.clear()
            os.environ.update(before)
