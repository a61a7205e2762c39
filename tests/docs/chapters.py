"""The chapters of the documentation, cut into scenes: programs that a reader runs one after the other.

Comments that no page shows set a scene up:

    <!-- sandbox(faults=["stuck"]) -->   begins a scene, with the options of its sandbox
    <!-- file animals.csv -->            names the block that follows
    <!-- somebody types 2 -->            answers a question of the program that follows
    <!-- set NAME=value -->              an environment variable of the scene
    <!-- port 8080 -->                   a port of the scene's programs, in place of which the tests take a free one
    <!-- not run: REASON -->             the program that follows is checked for its syntax only

What a program prints stands in a comment behind the `print`, or in a block of text below; `…` is anything. A block that
awaits outside of a function is a snippet: it stands inside an open client named `journey`. A block with a function
`test_…` is a file of tests.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS: Final = Path(__file__).parents[2] / "docs"
NEWEST: Final = "the id of the newest task"
"""What somebody can type whom a program asks for it."""

Manner: TypeAlias = Literal["program", "snippet", "tests"]

_PART: Final = re.compile(
    r"<!-- (?P<sandbox>sandbox\([^\n]*\)) -->|<!-- file (?P<file>\S+) -->|<!-- somebody types (?P<typed>[^\n]*) -->"
    r"|<!-- set (?P<name>\w+)=(?P<value>[^\n]*) -->|<!-- port (?P<port>\d+) -->|<!-- not run: (?P<reason>[^\n]+) -->"
    r"|^(?P<indent> *)```(?P<language>\w+)(?: [^\n]*)?\n(?P<block>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
_PRINTED: Final = re.compile(r"^ *print\(.*\)  # (?!such as)(.+)$", re.MULTILINE)


@frozen(kw_only=True)
class Program:
    """A block of Python as it stands, and what it is to print."""

    source: str
    line: int
    """Where it stands in its chapter."""
    typed: str = ""
    printed: list[str] = field(factory=list[str])
    """Lines that are to be printed, in this order."""

    @property
    def manner(self) -> Manner:
        """How it is run."""
        if re.search(r"^(?:async )?def test_", self.source, re.MULTILINE):
            return "tests"
        try:
            compile(self.source, "a block", "exec", dont_inherit=True)
        except SyntaxError:
            return "snippet"
        return "program"

    def missing(self, output: str) -> list[str]:
        """Tell which of the lines were not printed in their turn."""
        lines = iter(output.splitlines())
        return [wanted for wanted in self.printed if not any(_alike(wanted, line) for line in lines)]


@frozen(kw_only=True)
class Scene:
    """Programs that run one after the other, in one folder and against one sandbox."""

    chapter: str
    options: dict[str, Any] = field(factory=dict[str, Any])
    variables: dict[str, str] = field(factory=dict[str, str])
    ports: list[str] = field(factory=list[str])
    files: dict[str, str] = field(factory=dict[str, str])
    programs: list[Program] = field(factory=list[Program])
    not_run: dict[str, str] = field(factory=dict[str, str])
    """Programs that are checked for their syntax only, and why."""

    def __str__(self) -> str:
        return f"{self.chapter}:{self.programs[0].line}" if self.programs else self.chapter


def scenes(path: Path) -> list[Scene]:
    """Give the scenes of a chapter."""
    text = path.read_text(encoding="utf-8")
    found = [Scene(chapter=path.name)]
    file = typed = reason = ""
    for part in _PART.finditer(text):
        scene = found[-1]
        if part["sandbox"]:
            found.append(Scene(chapter=path.name, options=_options(part["sandbox"])))
        elif part["name"]:
            scene.variables[part["name"]] = part["value"]
        elif part["port"]:
            scene.ports.append(part["port"])
        elif part["file"] or part["typed"] or part["reason"]:
            file, typed, reason = part["file"] or file, part["typed"] or typed, part["reason"] or reason
        elif part["language"] == "python":
            block = _without(part["indent"], part["block"])
            line = text.count("\n", 0, part.start()) + 1
            if reason:
                scene.not_run[block] = reason
            else:
                printed = list(_PRINTED.findall(block))
                scene.programs.append(Program(source=block, line=line, typed=typed, printed=printed))
            typed = reason = ""
        elif part["language"] == "text":
            scene.programs[-1].printed.extend(part["block"].splitlines())
        elif file:
            scene.files[file] = part["block"]
            file = ""
    return found


def all_scenes() -> Iterator[Scene]:
    """Give the scenes of every chapter that have something to run."""
    for path in sorted(DOCS.glob("*.md")):
        yield from (scene for scene in scenes(path) if scene.programs)


def _without(indent: str, block: str) -> str:
    return re.sub(f"^{indent}", "", block, flags=re.MULTILINE)


def _options(text: str) -> dict[str, Any]:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(option.arg): ast.literal_eval(option.value) for option in call.keywords}


def _alike(wanted: str, line: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, wanted.split("…"))), line) is not None
