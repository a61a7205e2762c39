"""What workers do for a run beside its tasks: the user's functions, by import path, and saving files."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from anyio import to_thread

from journey_async.downloads import Downloader, Wanted
from journey_async.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from journey_async.core.events import NodeFinished
    from journey_async.core.kinds import Result

NAMES: str = "{key}-{n}.{ext}"
"""How the files of a run are named: in a graph a node has a name of its own."""


class Code:
    """The functions that a worker may call for runs, and where it saves files."""

    def __init__(self, modules: Sequence[str], *, folder: Path | None) -> None:
        """Load the *modules*: only what stands in them, or below them, is called. Raises `ConfigurationError`."""
        # What to call stands in the database: whoever can write there must not choose freely what runs here.
        for module in modules:
            try:
                import_module(module)
            except ImportError as error:
                message = f"code: the module {module} cannot be imported: {error}"
                raise ConfigurationError(message) from error
        self._modules = tuple(modules)
        self._folder = folder

    @property
    def saves(self) -> bool:
        """Whether files are saved."""
        return self._folder is not None

    async def choose(self, path: str, result: Result | None) -> object:
        """Have an index chosen by the function of that path; raises what it raises."""
        return await self._call(path, result)

    async def after(self, path: str | None, row: NodeFinished[Any], *, run: str) -> None:
        """Save the files of a finished node, and call the function of that path; raises what it raises."""
        files: tuple[Path, ...] = ()
        if self._folder is not None and row.result.urls:
            files = await Downloader().download([Wanted.of_node(row)], self._folder / run, name=NAMES)
        if path is not None:
            await self._call(path, row, files)

    async def _call(self, path: str, *arguments: object) -> object:
        function = self._function(path)
        if inspect.iscoroutinefunction(function):
            return await function(*arguments)
        # It may well work on pictures, which takes a while.
        return await to_thread.run_sync(function, *arguments)

    def _function(self, path: str) -> Callable[..., Any]:
        name, _, inside = path.partition(":")
        if not any(name == module or name.startswith(f"{module}.") for module in self._modules):
            message = f"{path} is in no module that this worker may call: start it with --code {name}"
            raise ConfigurationError(message)
        found: Any = import_module(name)
        for part in inside.split("."):
            found = getattr(found, part)
        if not callable(found):
            message = f"{path} is no function"
            raise ConfigurationError(message)
        return cast("Callable[..., Any]", found)
