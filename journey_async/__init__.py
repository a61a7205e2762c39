"""The async-first SDK of JourneyAPI: Midjourney-style images, correct with your credits.

async with JourneyClient() as journey:
    grid = await journey.imagine("a majestic elk in a misty forest --ar 16:9")
    elk = await journey.upscale_1x(grid, index=2)
    print((await elk).image_url)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from journey_async.version import __version__

if TYPE_CHECKING:
    from journey_async.client import JourneyClient
    from journey_async.core.actions import Action
    from journey_async.core.kinds import (
        BlendGrid,
        Description,
        EnlargedPicture,
        ExtendedVideos,
        Grid,
        ImagineGrid,
        ImagineVideos,
        InpaintGrid,
        MidjourneyPicture,
        OutpaintGrid,
        PanGrid,
        Picture,
        RerollGrid,
        Result,
        Seed,
        Shortening,
        Text,
        UpscaledPicture,
        VariationGrid,
        Videos,
    )
    from journey_async.core.models import MODELS, Model
    from journey_async.core.node import Choice, Credits, Node
    from journey_async.core.pacing import Pace
    from journey_async.core.retrying import RetryPolicy
    from journey_async.core.rules import RULES, Rule
    from journey_async.core.tasks import Account, Failed, Finished, TaskState, Unfinished
    from journey_async.core.wire import Reply, Request
    from journey_async.errors import (
        ApiError,
        AuthenticationError,
        BadRequestError,
        ClientNotOpenError,
        ConfigurationError,
        ConnectionFailedError,
        Fault,
        FileFault,
        GraphFileError,
        IllegalParentError,
        InsufficientCreditsError,
        InvalidRequestError,
        JourneyError,
        NoReplyError,
        RateLimitError,
        ReplyLostError,
        ServerError,
        SubmissionInDoubtError,
        TaskFailedError,
        TaskNotFoundError,
        UnreadableReplyError,
    )
    from journey_async.graph import TaskGraph
    from journey_async.intent import Intent
    from journey_async.task import Task
    from journey_async.transport import Transport

__all__ = (
    "MODELS",
    "RULES",
    "Account",
    "Action",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "BlendGrid",
    "Choice",
    "ClientNotOpenError",
    "ConfigurationError",
    "ConnectionFailedError",
    "Credits",
    "Description",
    "EnlargedPicture",
    "ExtendedVideos",
    "Failed",
    "Fault",
    "FileFault",
    "Finished",
    "GraphFileError",
    "Grid",
    "IllegalParentError",
    "ImagineGrid",
    "ImagineVideos",
    "InpaintGrid",
    "InsufficientCreditsError",
    "Intent",
    "InvalidRequestError",
    "JourneyClient",
    "JourneyError",
    "MidjourneyPicture",
    "Model",
    "NoReplyError",
    "Node",
    "OutpaintGrid",
    "Pace",
    "PanGrid",
    "Picture",
    "RateLimitError",
    "Reply",
    "ReplyLostError",
    "Request",
    "RerollGrid",
    "Result",
    "RetryPolicy",
    "Rule",
    "Seed",
    "ServerError",
    "Shortening",
    "SubmissionInDoubtError",
    "Task",
    "TaskFailedError",
    "TaskGraph",
    "TaskNotFoundError",
    "TaskState",
    "Text",
    "Transport",
    "Unfinished",
    "UnreadableReplyError",
    "UpscaledPicture",
    "VariationGrid",
    "Videos",
    "__version__",
)

_HOMES = {
    "client": "JourneyClient",
    "core.actions": "Action",
    "core.kinds": (
        "BlendGrid Description EnlargedPicture ExtendedVideos Grid ImagineGrid ImagineVideos InpaintGrid "
        "MidjourneyPicture OutpaintGrid PanGrid Picture RerollGrid Result Seed Shortening Text "
        "UpscaledPicture VariationGrid Videos"
    ),
    "core.models": "MODELS Model",
    "core.node": "Choice Credits Node",
    "core.pacing": "Pace",
    "core.retrying": "RetryPolicy",
    "core.rules": "RULES Rule",
    "core.tasks": "Account Failed Finished TaskState Unfinished",
    "core.wire": "Reply Request",
    "errors": (
        "ApiError AuthenticationError BadRequestError ClientNotOpenError ConfigurationError "
        "ConnectionFailedError Fault FileFault GraphFileError IllegalParentError InsufficientCreditsError "
        "InvalidRequestError JourneyError NoReplyError RateLimitError ReplyLostError ServerError "
        "SubmissionInDoubtError TaskFailedError TaskNotFoundError UnreadableReplyError"
    ),
    "graph": "TaskGraph",
    "intent": "Intent",
    "task": "Task",
    "transport": "Transport",
}
"""Where the public names live. Each is loaded when it is first asked for, so that `journey --help`, and a run of pytest
that finds the plugin of this package, do not wait for aiohttp."""


if not TYPE_CHECKING:  # a type checker that saw this function would take every name for a public one

    def __getattr__(name: str) -> object:
        home = next((home for home, names in _HOMES.items() if name in names.split()), None)
        if home is None:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
