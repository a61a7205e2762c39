"""Writes down the public interface: names, signatures, attributes, errors, commands. The same from every Python.

`python -m tests.public_interface` records it in `public_interface.txt`, once CHANGELOG.md tells what changes.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ForwardRef, Literal, TypeAlias, cast, get_args, get_origin, get_overloads

from attrs import NOTHING, has

from journey_async.cli import app
from journey_async.cli.exit_codes import EXIT_CODES
from journey_async.core import actions, models
from journey_async.verbs import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Anything: TypeAlias = Any
"""What is looked at here may be whatever a module holds."""

MODULES: Final = ("journey_async", "journey_async.sandbox", "journey_async.gallery")
COMMAND: Final = "python -m tests.public_interface"
CHANGELOG: Final = Path(__file__).parents[1] / "CHANGELOG.md"
RECORD: Final = Path(__file__).with_name("public_interface.txt")

_PROTOCOLS: Final = (
    *("__aenter__", "__aexit__", "__enter__", "__exit__", "__await__", "__aiter__", "__anext__", "__iter__"),
    *("__call__", "__len__", "__getitem__", "__contains__"),
)
_STAGED: Final = ("install_completion", "show_completion")
"""Options that typer adds where it can find out about the shell."""


def interface() -> str:
    """Write down the whole interface."""
    return "\n".join([*_library(), *_command_line(), ""])


def recorded(text: str) -> tuple[str, str]:
    """Split a record into the digest of the changelog that it was made with, and the interface."""
    head, _, body = text.partition("\n\n")
    return head.rpartition(" ")[2], body


def top_section(changelog: str) -> str:
    """Give the first section of a changelog, the one that is being written."""
    return changelog.partition("\n## ")[2].partition("\n## ")[0]


def digest(text: str) -> str:
    """Give a short digest of a text, blanks aside."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


def record(at: Path = RECORD, changelog: Path = CHANGELOG) -> str:
    """Record the interface as it is, and say what was done; a change needs one of the changelog's first section too."""
    now, told = interface(), digest(top_section(changelog.read_text("utf-8")))
    before, known = recorded(at.read_text("utf-8")) if at.exists() else ("", "")
    if known == now:
        return f"{at.name} is fresh: nothing to do"
    if told == before:
        return f"{changelog.name}: add to the first section what changes for users, then run {COMMAND} again"
    at.write_text(f"# Recorded by {COMMAND}, with the first section of {changelog.name} being {told}\n\n{now}", "utf-8")
    return f"{at.name} is written"


def _library() -> Iterator[str]:
    for module_name in MODULES:
        module = import_module(module_name)
        names: Iterable[str] = module.__all__
        yield from ("", f"# {module_name}") if module_name != MODULES[0] else (f"# {module_name}",)
        for name in sorted(names):
            if name != "__version__":
                yield from _thing(name, getattr(module, name))

    yield from ("", "# words that arguments take")
    words = {**vars(actions), **vars(models)}
    yield from (f"{name} = {_annotation(kind)}" for name, kind in sorted(words.items()) if get_origin(kind) is Literal)
    yield from ("", "# options of every verb of the client")
    yield from (f"{name}: {_annotation(kind)}" for name, kind in inspect.get_annotations(Options).items())
    yield from ("", "# journey_async.testing")
    fixtures = vars(import_module("journey_async.testing"))
    yield from (f"fixture {name}" for name, value in sorted(fixtures.items()) if "Fixture" in type(value).__name__)


def _thing(name: str, value: Anything) -> Iterator[str]:
    if inspect.isclass(value):
        yield from _class(name, value)
    elif inspect.isfunction(value):
        yield from _callable(name, value)
    elif isinstance(value, Mapping):
        yield f"{name}: {', '.join(str(key) for key in cast('Mapping[object, object]', value))}"
    elif get_origin(value) is not None or isinstance(value, str):
        yield f"{name} = {_annotation(value)}"
    else:
        yield f"{name} = {_value(value)}"


def _class(name: str, kind: type) -> Iterator[str]:
    bases = ", ".join(dict.fromkeys(base.__name__ for base in _bases(kind)))
    yield f"class {name}({bases})" if bases else f"class {name}"
    # How a value is made is told of every kind of value, also of one that adds no field to the kind above it.
    if "__init__" in dir(kind) and (has(kind) or any("__init__" in vars(own) for own in _own_classes(kind))):
        yield from (f"    {line}" for line in _callable("__init__", inspect.getattr_static(kind, "__init__")))
    members: dict[str, list[str]] = {}
    for own in reversed(_own_classes(kind)):
        for member, annotation in inspect.get_annotations(own).items():
            if not member.startswith("_"):
                value = vars(own).get(member, NOTHING)
                plain = "" if value is NOTHING or inspect.isdatadescriptor(value) else f" = {_value(value)}"
                members[member] = [f"{member}: {_annotation(annotation)}{plain}"]
        for member, value in vars(own).items():
            if not member.startswith("_") and member not in inspect.get_annotations(own):
                members[member] = list(_member(member, value))
    yield from (f"    {line}" for member in sorted(members) for line in members[member])
    told = [own for own in kind.__mro__ if own.__module__.partition(".")[0] in {"journey_async", "anyio"}]
    offered = [special for special in _PROTOCOLS if any(special in vars(own) for own in told)]
    if offered:
        yield f"    {' '.join(offered)}"


@cache
def _public_classes() -> frozenset[type]:
    things = (getattr(module, name) for module in map(import_module, MODULES) for name in module.__all__)
    return frozenset(thing for thing in things if inspect.isclass(thing))


def _own_classes(kind: type) -> list[type]:
    """Give the class and those of its bases that nobody else tells about."""
    ours = (own for own in kind.__mro__ if own.__module__.partition(".")[0] == "journey_async")
    return [own for own in ours if own is kind or own not in _public_classes()]


def _bases(kind: type) -> Iterator[type]:
    """Give the bases that are public; in the place of one that is not, its own."""
    for base in kind.__bases__:
        if base in _public_classes() or (base.__module__ == "builtins" and base is not object):
            yield base
        else:
            yield from _bases(base)


def _member(name: str, value: Anything) -> Iterator[str]:
    kind = type(value).__name__
    match kind:
        case "property" | "cached_property":
            getter: Anything = value.fget if kind == "property" else value.func
            yield f"property {name} -> {_annotation(inspect.signature(getter).return_annotation)}"
        case "classmethod" | "staticmethod":
            yield from (f"{kind} {line}" for line in _callable(name, value.__func__))
        case _ if inspect.isfunction(value):
            yield from _callable(name, value)
        case _ if inspect.ismemberdescriptor(value) or inspect.isgetsetdescriptor(value):
            yield name
        case _:
            yield f"{name} = {_value(value)}"


def _callable(name: str, function: Callable[..., object]) -> Iterator[str]:
    for signature in get_overloads(function) or [function]:
        begin = "async def" if inspect.iscoroutinefunction(signature) else "def"
        yield f"{begin} {name}{_signature(signature)}"


def _signature(function: Callable[..., object]) -> str:
    given = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=_Told(_annotation(parameter.annotation)), default=_told_default(parameter.default))
        if parameter.annotation is not parameter.empty
        else parameter.replace(default=_told_default(parameter.default))
        for parameter in given.parameters.values()
    ]
    returned = given.return_annotation
    arrow = "" if returned is given.empty else f" -> {_annotation(returned)}"
    return f"{given.replace(parameters=parameters, return_annotation=given.empty)}{arrow}"


class _Told:
    """Stands for something by the words that tell it."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


def _told_default(default: Anything) -> Anything:
    return default if default is inspect.Parameter.empty else _Told(_value(default))


def _annotation(annotation: Anything) -> str:
    """Write a type as the source does: Pythons differ in how they show one."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, list):
        return f"[{', '.join(_annotation(each) for each in cast('list[object]', annotation))}]"
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    arguments = get_args(annotation)
    origin: Anything = get_origin(annotation)
    if origin is None:
        return "None" if annotation is type(None) else str(getattr(annotation, "__name__", annotation))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    written = [_annotation(argument) for argument in arguments]
    name = getattr(origin, "__name__", str(origin))
    return " | ".join(written) if name in {"Union", "UnionType"} else f"{name}[{', '.join(written)}]"


def _value(value: Anything) -> str:
    """Write a value, without the address of anything."""
    if value is NOTHING or value is Ellipsis or value == {}:
        return "..."
    if isinstance(value, Path):
        return value.as_posix()
    if inspect.isroutine(value) or inspect.isclass(value):
        return str(value.__name__)
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def _command_line() -> Iterator[str]:
    yield from ("", "# journey")
    whole: Anything = app.command_line()
    yield from _options("journey", whole)
    for name, command in sorted(whole.commands.items()):
        yield from _options(f"journey {name}", command)
    yield f"exit codes: {', '.join(str(code) for code in EXIT_CODES)}"


def _options(name: str, command: Anything) -> Iterator[str]:
    yield name
    for parameter in command.params:
        if parameter.name not in _STAGED:
            yield f"    {_option(parameter)}"


def _option(parameter: Anything) -> str:
    flag = getattr(parameter, "is_flag", False)
    spelled = ", ".join([*parameter.opts, *parameter.secondary_opts])
    several = " ..." if parameter.nargs == -1 or getattr(parameter, "multiple", False) else ""
    told = f"{spelled}{'' if flag or parameter.param_type_name == 'argument' else ' VALUE'}{several}"
    if parameter.required:
        return f"{told} (required)"
    return told if parameter.default in {None, False} else f"{told} = {_value(parameter.default)}"


if __name__ == "__main__":
    sys.stdout.write(f"{record()}\n")
