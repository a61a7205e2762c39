"""Every sentence the sandbox answers with, beside those that `core.checks` holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from journey_async.core.checks import MASK_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

# Published by journeyapi.co/docs/errors, letter for letter.
INSUFFICIENT_CREDITS: Final = "Insufficient credits"
RATE_LIMIT: Final = "Rate limit exceeded"

# Published by journeyapi.co/docs/fetch, the only reason of a failure that is.
POLICY_VIOLATION: Final = "Content policy violation"

# From here on the sandbox's own wording, in the style of the published one: the service publishes none for these cases.
NO_SUCH_ENDPOINT: Final = "endpoint not found"
WRONG_METHOD: Final = "method must be {method}"
TOO_LARGE: Final = "request body must be at most {limit} bytes"
NOT_JSON_TYPE: Final = "Content-Type must be application/json"
NOT_JSON: Final = "request body must be valid JSON"
NOT_AN_OBJECT: Final = "request body must be a JSON object"
REQUIRED: Final = "{field} is required"
ONE_OF: Final = "{field} must be {allowed}"
NOT_BLANK: Final = "{field} must be a text that is not blank"
UNKNOWN_MODEL: Final = "model is not supported"
NOT_OFFERED: Final = "{field} is not supported by model {model}"
NEGATIVE_PROMPT: Final = "negative_prompt must be at most 4000 characters"
BAD_URL: Final = "{field} must be a valid URL"
BAD_MASK: Final = f"mask must be a base64 PNG, JPEG or WebP image of at most {MASK_LIMIT} bytes"
BAD_ZOOM: Final = "zoom_ratio must be a number from 1 to 2"
BAD_WEBHOOK: Final = "webhook_url must be an HTTPS URL"
BAD_HEADER: Final = "webhook_secret must be a text without control characters"
PARENT_OR_URL: Final = "exactly one of parent_task_id and image_url is required"
INDEX_WITHOUT_GRID: Final = "index must be left out with image_url"
TASK_NOT_FOUND: Final = "task_id not found"
WRONG_PARENT: Final = "parent task of {rule} must be {needed}"
NO_SUCH_FILE: Final = "file not found"
STRANGER: Final = "this sandbox answers this machine only, and no web page of another site"
NO_FAULTS: Final = "faults must be an array of strings"


def listed(allowed: Sequence[str]) -> str:
    """Write alternatives as the published sentences do: `1, 2, 3, or 4`."""
    *most, last = allowed
    if len(most) > 1:
        return f"{', '.join(most)}, or {last}"
    return " or ".join(allowed)
