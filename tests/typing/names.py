"""What type checkers make of the package's names: never run, only checked."""

from __future__ import annotations

import journey_async

journey_async.JourneyClient
journey_async.JourneyCliemt  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
