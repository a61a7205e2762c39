"""What the package offers, and what it leaves alone when it is imported."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import journey_async
from journey_async import errors
from journey_async.core import kinds
from journey_async.core.kinds import Result

SOURCE = Path(journey_async.__file__)
CLUSTERS = ("dbos", "psycopg", "sqlalchemy")
NOT_NEEDED = (
    "aiohttp.web",
    *CLUSTERS,
    "typer",
    "rich",
    "PIL",
    "pytest",
    "journey_async.sandbox",
    "journey_async.testing",
)
NOT_NEEDED_BY_SINGLE_CALLS = (
    "backoff",
    "sqlite3",
    "journey_async.downloads",
    "journey_async.graph",
    "journey_async.journal",
    "journey_async.runner",
    "journey_async.runs",
    "journey_async.webhooks",
    "journey_async.core.deliveries",
    "journey_async.core.events",
    "journey_async.core.outcome",
    "journey_async.core.records",
    "journey_async.core.tokens",
    "journey_async.cluster.address",
)


def as_sorted(name: str) -> tuple[int, list[tuple[bool, int, str]]]:
    """Give the key by which `__all__` is sorted: constants, classes, others, and numbers by their value."""
    rank = 0 if name.isupper() else 1 if name[0].isupper() else 2
    parts = [part for part in re.split(r"([0-9]+)", name) if part]
    return rank, [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def seen_by_type_checkers() -> dict[str, str]:
    """Give the module of each public name that the package's file imports, for type checkers or for everybody."""
    imports = [
        node
        for node in ast.walk(ast.parse(SOURCE.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("journey_async.")
    ]
    return {alias.name: node.module or "" for node in imports for alias in node.names}


def loaded_by(program: str) -> list[str]:
    """Give the modules that are loaded after a fresh interpreter has run *program*."""
    told = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    # Coverage would be measured there too, and loads modules of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    ran = subprocess.run(  # noqa: S603 - a program of our own
        [sys.executable, "-c", told],
        cwd=SOURCE.parents[1],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    modules: list[str] = json.loads(ran.stdout)
    return modules


def among(modules: list[str], unwanted: tuple[str, ...]) -> list[str]:
    return [name for name in modules if any(name == each or name.startswith(f"{each}.") for each in unwanted)]


def test_the_public_names_are_sorted_and_none_is_there_twice() -> None:
    assert list(journey_async.__all__) == sorted(set(journey_async.__all__), key=as_sorted)


def test_the_public_names_are_exactly_those_that_type_checkers_see() -> None:
    assert set(seen_by_type_checkers()) == set(journey_async.__all__)


@pytest.mark.parametrize(("name", "module"), seen_by_type_checkers().items())
def test_every_public_name_is_what_type_checkers_take_it_for(name: str, module: str) -> None:
    bound: dict[str, object] = {}
    exec(f"from journey_async import {name}", bound)  # noqa: S102 - what a program does

    assert bound[name] is getattr(import_module(module), name)
    assert bound[name] is getattr(journey_async, name)


def test_all_public_names_can_be_imported_at_once() -> None:
    bound: dict[str, object] = {}
    exec("from journey_async import *", bound)  # noqa: S102 - what a program does

    assert set(bound) - {"__builtins__"} == set(journey_async.__all__)


def test_the_public_names_are_listed_before_they_are_loaded() -> None:
    assert set(journey_async.__all__) <= set(dir(journey_async))


@pytest.mark.parametrize("name", ["Journey", "journeyClient", "__wrapped__"])
def test_a_name_that_there_is_not_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'journey_async' has no attribute '{name}'"):
        getattr(journey_async, name)


def test_every_kind_of_result_and_every_error_is_public() -> None:
    classes = {**vars(kinds), **vars(errors)}
    every = {
        name
        for name, value in classes.items()
        if isinstance(value, type) and issubclass(value, (Result, errors.JourneyError)) and not name.startswith("_")
    }

    assert every <= set(journey_async.__all__)


def test_the_version_is_one_that_packagers_understand() -> None:
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.(post|dev)[0-9]+)?", journey_async.__version__)


def test_importing_the_package_loads_nothing_of_weight() -> None:
    modules = loaded_by("import journey_async")

    assert "journey_async" in modules
    assert among(modules, ("aiohttp", "anyio", "asyncio", "attrs", "backoff", *NOT_NEEDED)) == []


def test_using_the_client_loads_no_server_no_command_line_and_no_imaging() -> None:
    modules = loaded_by("from journey_async import *")

    assert "journey_async.client" in modules
    assert among(modules, NOT_NEEDED) == []


def test_a_client_is_loaded_without_what_its_single_calls_do_not_need() -> None:
    modules = loaded_by("from journey_async import JourneyClient")

    assert "journey_async.submitting" in modules
    assert among(modules, NOT_NEEDED_BY_SINGLE_CALLS) == []


def test_a_first_call_loads_nothing_more() -> None:
    """Neither to submit nor to wait: to load takes time, and the event loop stands still meanwhile."""
    program = """
import anyio
from journey_async import JourneyClient, Reply

class Service:
    async def send(self, request, /):
        told = b'{"task_id": "t", "status": "finished", "image_url": "https://a.de/1.png"}'
        return Reply(status=200, body=told)

async def call():
    async with JourneyClient("japi_key_of_a_test", transport=Service()) as journey:
        assert (await (await journey.imagine("an elk", model="z-image"))).task_id == "t"

"""
    before, after = loaded_by(program), loaded_by(f"{program}anyio.run(call)")

    assert among(after, ("journey_async",)) == among(before, ("journey_async",))


def test_a_run_on_one_machine_loads_nothing_that_clusters_need(tmp_path: Path) -> None:
    """Though a client, its runs and its commands know of clusters."""
    program = f"""
import anyio
from journey_async import Cluster, ConnectionFailedError, JourneyClient, RetryPolicy, TaskGraph
import journey_async.cli.app

Cluster("postgresql://journey@127.0.0.1/journey")
graph = TaskGraph()
graph.imagine("an elk")

async def run():
    retry = RetryPolicy(patience=0)
    async with JourneyClient("japi_key_of_a_test", base_url="http://127.0.0.1:1", retry=retry) as journey:
        try:
            await journey.run(graph, journal={str(tmp_path / "elk.db")!r})
        except ConnectionFailedError:
            return
        raise AssertionError

anyio.run(run)
"""
    modules = loaded_by(program)
    assert "journey_async.runner" in modules
    assert among(modules, CLUSTERS) == []
