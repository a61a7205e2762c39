"""The async-first SDK of JourneyAPI: Midjourney-style images, correct with your credits.

async with JourneyClient() as journey:
    grid = await journey.imagine("a majestic elk in a misty forest --ar 16:9")
    elk = await journey.upscale_1x(grid, index=2)
    print((await elk).image_url)
"""

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
from journey_async.intent import Intent
from journey_async.task import Task
from journey_async.transport import Transport
from journey_async.version import __version__

__all__ = (
    "MODELS",
    "RULES",
    "Account",
    "Action",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "BlendGrid",
    "ClientNotOpenError",
    "ConfigurationError",
    "ConnectionFailedError",
    "Description",
    "EnlargedPicture",
    "ExtendedVideos",
    "Failed",
    "Fault",
    "Finished",
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
