"""The document as the package ships it. `python -m tests.openapi.shipping` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import journey_async
from journey_async.core.openapi import openapi

SHIPPED: Final = Path(journey_async.__file__).with_name("openapi.json")


def written() -> str:
    """Write the document as it is to be shipped."""
    return f"{json.dumps(openapi(), ensure_ascii=False, indent=2)}\n"


if __name__ == "__main__":
    SHIPPED.write_text(written(), "utf-8")
