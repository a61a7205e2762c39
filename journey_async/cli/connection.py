"""The client of a command: its key comes from the environment or a file, never from what `ps` shows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from journey_async.cli.complaints import CommandError
from journey_async.cli.exit_codes import MISUSED
from journey_async.client import JourneyClient

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.cluster.address import Cluster


def connected(key_file: Path | None, *, cluster: Cluster | None = None) -> JourneyClient:
    """Give a client that is not open yet, with the key of *key_file* or of JOURNEY_API_KEY."""
    if key_file is not None:
        return JourneyClient(read_secret(key_file, option="--key-file"), cluster=cluster)
    if not os.environ.get("JOURNEY_API_KEY", "").strip():
        message = "there is no API key: set JOURNEY_API_KEY, or name the file that holds it with --key-file PATH"
        raise CommandError(message, exit_code=MISUSED)
    return JourneyClient(cluster=cluster)


def read_secret(path: Path, *, option: str) -> str:
    """Read the one line of a file. Raises `CommandError` that never shows it."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise CommandError(f"{option} {path}: not a text in UTF-8", exit_code=MISUSED) from error
    except OSError as error:
        raise CommandError(f"{option} {path}: {error.strerror or 'cannot be read'}", exit_code=MISUSED) from error
    if not secret:
        raise CommandError(f"{option} {path}: the file is empty", exit_code=MISUSED)
    return secret
