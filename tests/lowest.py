"""Print what pyproject.toml calls the lowest version of each package that is needed at run time, as pip takes it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest() -> list[str]:
    """Give them as `name==version`."""
    needed: list[str] = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["dependencies"]
    return [re.sub(r">=([^,]+).*", r"==\1", each) for each in needed]


if __name__ == "__main__":
    print(*lowest())  # noqa: T201
