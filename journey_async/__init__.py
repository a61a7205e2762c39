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
    from journey_async.cluster.address import Cluster
    from journey_async.core.actions import Action
    from journey_async.core.deliveries import Delivery
    from journey_async.core.events import (
        Differences,
        Event,
        NodeEvent,
        NodeFailed,
        NodeFinished,
        NodeInDoubt,
        NodeProgressed,
        NodeSkipped,
        NodeSubmitted,
        NodeWaiting,
        Row,
        RunPaused,
        RunPlanned,
        RunResumed,
        RunWaiting,
    )
    from journey_async.core.follow_ups import FollowUp, follow_ups
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
    from journey_async.core.openapi import openapi
    from journey_async.core.outcome import Outcome
    from journey_async.core.pacing import Pace
    from journey_async.core.retrying import RetryPolicy
    from journey_async.core.rules import RULES, Rule
    from journey_async.core.spending import Spending
    from journey_async.core.tasks import Account, Failed, Finished, TaskState, Unfinished
    from journey_async.core.tokens import NextAction
    from journey_async.core.wire import Reply, Request
    from journey_async.downloads import DownloadProgress, Wanted
    from journey_async.errors import (
        ApiError,
        AuthenticationError,
        BadRequestError,
        ClientNotOpenError,
        ConfigurationError,
        ConnectionFailedError,
        DownloadError,
        Fault,
        FileFault,
        GraphFileError,
        IllegalParentError,
        InsufficientCreditsError,
        InvalidRequestError,
        JournalBusyError,
        JournalError,
        JourneyError,
        NoReplyError,
        NoResultError,
        RateLimitError,
        ReplyLostError,
        ServerError,
        SubmissionInDoubtError,
        TaskFailedError,
        TaskNotFoundError,
        UnaffordableError,
        UnreadableReplyError,
    )
    from journey_async.graph import TaskGraph
    from journey_async.intent import Intent
    from journey_async.runs import Run, read_journal
    from journey_async.settling import Abandon, Adopt, Resubmit, Settlement
    from journey_async.statistics import Statistics
    from journey_async.task import Task
    from journey_async.transport import Transport
    from journey_async.wanted_files import Downloadable, Downloadables
    from journey_async.webhooks import WebhookReceiver

__all__ = (
    "MODELS",
    "RULES",
    "Abandon",
    "Account",
    "Action",
    "Adopt",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "BlendGrid",
    "Choice",
    "ClientNotOpenError",
    "Cluster",
    "ConfigurationError",
    "ConnectionFailedError",
    "Credits",
    "Delivery",
    "Description",
    "Differences",
    "DownloadError",
    "DownloadProgress",
    "Downloadable",
    "Downloadables",
    "EnlargedPicture",
    "Event",
    "ExtendedVideos",
    "Failed",
    "Fault",
    "FileFault",
    "Finished",
    "FollowUp",
    "GraphFileError",
    "Grid",
    "IllegalParentError",
    "ImagineGrid",
    "ImagineVideos",
    "InpaintGrid",
    "InsufficientCreditsError",
    "Intent",
    "InvalidRequestError",
    "JournalBusyError",
    "JournalError",
    "JourneyClient",
    "JourneyError",
    "MidjourneyPicture",
    "Model",
    "NextAction",
    "NoReplyError",
    "NoResultError",
    "Node",
    "NodeEvent",
    "NodeFailed",
    "NodeFinished",
    "NodeInDoubt",
    "NodeProgressed",
    "NodeSkipped",
    "NodeSubmitted",
    "NodeWaiting",
    "Outcome",
    "OutpaintGrid",
    "Pace",
    "PanGrid",
    "Picture",
    "RateLimitError",
    "Reply",
    "ReplyLostError",
    "Request",
    "RerollGrid",
    "Resubmit",
    "Result",
    "RetryPolicy",
    "Row",
    "Rule",
    "Run",
    "RunPaused",
    "RunPlanned",
    "RunResumed",
    "RunWaiting",
    "Seed",
    "ServerError",
    "Settlement",
    "Shortening",
    "Spending",
    "Statistics",
    "SubmissionInDoubtError",
    "Task",
    "TaskFailedError",
    "TaskGraph",
    "TaskNotFoundError",
    "TaskState",
    "Text",
    "Transport",
    "UnaffordableError",
    "Unfinished",
    "UnreadableReplyError",
    "UpscaledPicture",
    "VariationGrid",
    "Videos",
    "Wanted",
    "WebhookReceiver",
    "__version__",
    "follow_ups",
    "openapi",
    "read_journal",
)

_HOMES = {
    "client": "JourneyClient",
    "cluster.address": "Cluster",
    "core.actions": "Action",
    "core.deliveries": "Delivery",
    "core.events": (
        "Differences Event NodeEvent NodeFailed NodeFinished NodeInDoubt NodeProgressed NodeSkipped "
        "NodeSubmitted NodeWaiting Row RunPaused RunPlanned RunResumed RunWaiting"
    ),
    "core.follow_ups": "FollowUp follow_ups",
    "core.kinds": (
        "BlendGrid Description EnlargedPicture ExtendedVideos Grid ImagineGrid ImagineVideos InpaintGrid "
        "MidjourneyPicture OutpaintGrid PanGrid Picture RerollGrid Result Seed Shortening Text "
        "UpscaledPicture VariationGrid Videos"
    ),
    "core.models": "MODELS Model",
    "core.node": "Choice Credits Node",
    "core.openapi": "openapi",
    "core.outcome": "Outcome",
    "core.pacing": "Pace",
    "core.retrying": "RetryPolicy",
    "core.rules": "RULES Rule",
    "core.spending": "Spending",
    "core.tasks": "Account Failed Finished TaskState Unfinished",
    "core.tokens": "NextAction",
    "core.wire": "Reply Request",
    "downloads": "DownloadProgress Wanted",
    "errors": (
        "ApiError AuthenticationError BadRequestError ClientNotOpenError ConfigurationError "
        "ConnectionFailedError DownloadError Fault FileFault GraphFileError IllegalParentError "
        "InsufficientCreditsError InvalidRequestError JournalBusyError JournalError JourneyError NoReplyError "
        "NoResultError RateLimitError ReplyLostError ServerError SubmissionInDoubtError TaskFailedError "
        "TaskNotFoundError UnaffordableError UnreadableReplyError"
    ),
    "graph": "TaskGraph",
    "intent": "Intent",
    "runs": "Run read_journal",
    "settling": "Abandon Adopt Resubmit Settlement",
    "statistics": "Statistics",
    "task": "Task",
    "transport": "Transport",
    "wanted_files": "Downloadable Downloadables",
    "webhooks": "WebhookReceiver",
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
