"""Write into the README and the documentation what is made from the code, between `<!-- NAME -->` and `<!-- /NAME -->`.

`make readme` runs it; a test fails where a page is not fresh.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache, partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from journey_async import errors
from journey_async.core.actions import ACTIONS
from journey_async.core.diagram import rules_as_mermaid
from journey_async.core.follow_ups import FOLLOW_UPS
from journey_async.core.kinds import Grid
from journey_async.core.models import MIDJOURNEY, MODELS, OFFERED_BY_SOME, Model
from journey_async.core.rules import RULES
from journey_async.core.tasks import PLANS
from journey_async.sandbox.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from journey_async.core.follow_ups import FollowUp
    from journey_async.core.kinds import Kind
    from journey_async.core.rules import Evidence, Rule

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
RESULTS: Final = ROOT / "benchmarks" / "results.json"
PAGES: Final = (README, *sorted((ROOT / "docs").glob("*.md")))
_ANSWERS: Final = {"async": "when accepted", "sync": "when finished"}
_HELPS: Final = "helps"
"""The argument with which this program tells the help texts, to itself."""
_COLUMNS: Final = "78"
"""Of the help texts: as wide as a block on a page is."""


def redrawn(text: str) -> str:
    """Give a page with its made parts made anew."""
    for name, make in _PARTS.items():
        opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, found, rest = text.partition(opening)
        if found:
            _, _, after = rest.partition(closing)
            text = f"{before}{opening}\n{make()}\n{closing}{after}"
    return text


def example(name: str) -> str:
    """Give one of the examples."""
    return f"```python\n{(ROOT / 'examples' / name).read_text(encoding='utf-8')}```"


def rules() -> str:
    """Give the rule table as a drawing that GitHub shows."""
    return f"```mermaid\n{rules_as_mermaid()}\n```"


def rule_rows() -> str:
    """Give the rule table row by row."""
    rows = ((f"`{rule.call}`", _parents(rule.parents), _bare(rule.gives), _price(rule)) for rule in RULES.values())
    return _table(("call", "follows", "gives", "credits"), rows)


def models() -> str:
    """Give the models of `imagine`."""
    rows = ((f"`{model.id}`", model.credits, _ANSWERS[model.mode], *_fields(model)) for model in MODELS.values())
    return _table(("model", "credits", "answers", "needs", "may take"), rows)


def plans() -> str:
    """Give the plans and their slots."""
    return _table(("plan", "tasks at once"), [*((f"`{name}`", slots) for name, slots in PLANS.items())])


def follow_ups() -> str:
    """Give the next actions; those of four tiles or videos in one row."""
    firsts = [each for each in FOLLOW_UPS.values() if not re.match(r"(?:u|v|extend-)[2-4]", each.name)]
    rows = (
        (f"`{each.name}`{_to_fourth(each.name)}", f"{each.label}{_to_fourth(each.label)}", each.action, _asks(each))
        for each in firsts
    )
    return _table(("name", "label", "action", "asks for"), rows)


def faults() -> str:
    """Give the names of the faults."""
    return _table(("fault", "what happens"), ((f"`{name}`", what) for name, what in FAULTS.items()))


def tree() -> str:
    """Give the tree of errors as it is drawn on top of its module."""
    drawn = re.search(r"^    JourneyError\n(?:    .*\n)+", errors.__doc__ or "", re.MULTILINE)
    assert drawn is not None  # noqa: S101 - a tree that is not there must not go unnoticed
    return f"```console\n{inspect.cleandoc(drawn[0])}\n```"


def help_of_journey() -> str:
    """Give the help of the command `journey`."""
    return f"```console\n$ journey --help\n{_helps()['']}\n```"


def help_of_commands() -> str:
    """Give the help of each of its commands."""
    return "\n\n".join(f'??? note "journey {name}"\n\n{_indented(text)}' for name, text in _helps().items() if name)


def exit_codes() -> str:
    """Give the exit codes of `journey`."""
    from journey_async.cli.exit_codes import EXIT_CODES  # noqa: PLC0415 - the README needs no command

    return _table(("code", "meaning"), EXIT_CODES.items())


def results(path: Path = RESULTS) -> str:
    """Give what the benchmarks measured last, if they were run."""
    if not path.exists():
        return "No results are kept here yet: `make bench` writes them into `benchmarks/results.json`."
    told = json.loads(path.read_text(encoding="utf-8"))
    where = told["machine"]
    rows = ((row["headline"], _goal(row), _measured(row), row["verdict"], row.get("note", "")) for row in told["rows"])
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items() if version)
    return (
        f"{where['when']}, {where['python']}, {where['system']}, {where['processor']}, {where['cores']} cores; "
        f"{versions}.\n\n{_table(('figure', 'goal', 'measured', 'verdict', 'note'), rows)}"
    )


_PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "examples/first.py": partial(example, "first.py"),
    "examples/batch.py": partial(example, "batch.py"),
    "rules": rules,
    "rule rows": rule_rows,
    "models": models,
    "plans": plans,
    "follow-ups": follow_ups,
    "faults": faults,
    "tree of errors": tree,
    "journey --help": help_of_journey,
    "help of every command": help_of_commands,
    "exit codes": exit_codes,
    "results": results,
}


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [
        "|---" * len(head) + "|",
        *(f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows),
    ]
    return "\n".join((f"| {' | '.join(head)} |", *lines))


def _goal(row: Mapping[str, Any]) -> str:
    goal = row.get("goal")
    return "" if goal is None else f"{'at least' if row['more_is_better'] else 'at most'} {_number(goal)}"


def _measured(row: Mapping[str, Any]) -> str:
    """Give a value, with its interval where it has one."""
    measured = row.get("measured")
    if measured is None:
        return ""
    value, low, high = (_number(measured[name]) for name in ("value", "low", "high"))
    return value if low == high else f"{value} ({low} to {high})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - from here on no decimals


def _bare(kind: Kind) -> str:
    return kind.label.removeprefix("an ").removeprefix("a ")


def _parents(parents: Mapping[Kind, Evidence]) -> str:
    return (
        "; ".join(_bare(kind) + (" (implied)" if how == "implied" else "") for kind, how in parents.items())
        or "nothing"
    )


def _price(rule: Rule) -> str:
    if rule.action != "imagine":
        return str(ACTIONS[rule.action].price)
    prices = [model.credits for model in MODELS.values() if (model.id == MIDJOURNEY) == issubclass(rule.gives, Grid)]
    return str(prices[0]) if len(prices) == 1 else f"{min(prices)} to {max(prices)}"


def _fields(model: Model) -> tuple[str, str]:
    """Give the fields that a model needs and those that it may take, of those that not every model takes."""
    needed = {"image_url"} if model.image_url == "required" else set[str]()
    offered = [name for name in OFFERED_BY_SOME if model.offers(name)]
    return (
        ", ".join(f"`{name}`" for name in offered if name in needed),
        ", ".join(f"`{name}`" for name in offered if name not in needed),
    )


def _to_fourth(name: str) -> str:
    fourth = re.sub(r"^(u|v|extend.)1", r"\g<1>4", name, flags=re.IGNORECASE)
    shown = f"`{fourth}`" if fourth == fourth.lower() else fourth
    return "" if fourth == name else f" to {shown}"


def _asks(follow_up: FollowUp) -> str:
    return ", ".join(f"`{name}`" for name in follow_up.asks)


@cache
def _helps() -> dict[str, str]:
    """Give the help of every command, of the whole under an empty name: from a process that knows no terminal."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    plain = {"COLUMNS": _COLUMNS, "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, _HELPS]
    told = subprocess.run(command, env=kept | plain, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    return cast("dict[str, str]", json.loads(told.stdout))


def _tell_helps() -> None:
    from journey_async.cli.app import command_line, run  # noqa: PLC0415 - the README needs no command

    helps: dict[str, str] = {}
    for name in ("", *command_line().commands):
        said = StringIO()
        with redirect_stdout(said):
            run([*name.split(), "--help"])
        helps[name] = "\n".join(line.rstrip() for line in said.getvalue().strip("\n").splitlines())
    json.dump(helps, sys.stdout)


def _indented(text: str) -> str:
    lines = ["```console", *text.splitlines(), "```"]
    return "\n".join(f"    {line}" if line else "" for line in lines)


def main() -> None:
    """Write what has changed."""
    if sys.argv[1:] == [_HELPS]:
        _tell_helps()
        return
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if (made := redrawn(text)) != text:
            page.write_text(made, encoding="utf-8")
            print(f"made anew: {page.relative_to(ROOT)}")  # noqa: T201 - a program tells what it did


if __name__ == "__main__":
    main()
