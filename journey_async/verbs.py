"""The mutating verbs of the service, typed: which parent each takes, what it asks, and what it gives.

The signatures say what the rule table says (`core/rules.py`); a test holds the two together.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack, overload

from journey_async.core import actions
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
    Seed,
    Shortening,
    UpscaledPicture,
    VariationGrid,
)
from journey_async.core.models import MIDJOURNEY, PictureModel
from journey_async.masks import read_mask
from journey_async.task import Task

if TYPE_CHECKING:
    from journey_async.core.actions import (
        Action,
        AspectRatio,
        Dimension,
        Direction,
        Index,
        Motion,
        OutputFormat,
        Resolution,
        Strength,
    )

Parent: TypeAlias = Task[Any] | str
Mask: TypeAlias = bytes | str | os.PathLike[str]
"""The bytes, path, base64 text or data URI of a PNG, JPEG or WebP picture; white is repainted, black is kept."""


class Options(TypedDict, total=False):
    """What every mutating verb takes besides its own arguments."""

    webhook_url: str | None
    """Where the service posts the finished or failed task: an https URL. https://journeyapi.co/docs/webhooks."""
    webhook_secret: str | None
    """Echoed in the `x-webhook-secret` header of the delivery."""
    extra: Mapping[str, object] | None
    """Undocumented fields, sent as they are; a documented field cannot be set this way."""


class Verbs:
    """Every mutating call of the service; each returns as soon as the service has accepted.

    They raise

    - `InvalidRequestError` (all faults of the call) and `IllegalParentError`: nothing was sent;
    - `TaskFailedError` or `TaskNotFoundError` of a parent that failed or does not exist: nothing was sent;
    - `BadRequestError`, `AuthenticationError`, `InsufficientCreditsError`, `RateLimitError`, `ConnectionFailedError`:
      not accepted, no credits moved;
    - `SubmissionInDoubtError`: sent once, and perhaps accepted.

    A parent is a `Task` or a task id. An unfinished parent is waited for; an id is looked up with one free `/fetch`.
    """

    def _submit(
        self, make: type[Action], parent: Parent | None, arguments: Mapping[str, object], options: Mapping[str, object]
    ) -> Awaitable[Task[Any]]:
        raise NotImplementedError

    @overload
    async def imagine(
        self,
        prompt: str,
        /,
        *,
        model: Literal["midjourney"] = ...,
        aspect_ratio: AspectRatio | None = ...,
        **options: Unpack[Options],
    ) -> Task[ImagineGrid]: ...
    @overload
    async def imagine(
        self,
        prompt: str,
        /,
        *,
        model: PictureModel,
        aspect_ratio: AspectRatio | None = ...,
        output_format: OutputFormat | None = ...,
        resolution: Resolution | None = ...,
        image_url: str | None = ...,
        negative_prompt: str | None = ...,
        **options: Unpack[Options],
    ) -> Task[Picture]: ...
    @overload
    async def imagine(
        self,
        prompt: str,
        /,
        *,
        model: str,
        aspect_ratio: str | None = ...,
        output_format: str | None = ...,
        resolution: str | None = ...,
        image_url: str | None = ...,
        negative_prompt: str | None = ...,
        **options: Unpack[Options],
    ) -> Task[Any]: ...
    async def imagine(
        self,
        prompt: str,
        /,
        *,
        model: str = MIDJOURNEY,
        aspect_ratio: str | None = None,
        output_format: str | None = None,
        resolution: str | None = None,
        image_url: str | None = None,
        negative_prompt: str | None = None,
        **options: Unpack[Options],
    ) -> Task[Any]:
        """Make a grid of four with Midjourney, or one picture with another of the 30 models; 1 to 8 credits by model.

        Midjourney takes its flags inside the prompt; `--ar W:H` there wins over *aspect_ratio* and may be any ratio.
        *image_url* is required by the editing models, *negative_prompt* has at most 4000 characters, and
        `journey_async.MODELS` says which model takes which field. A synchronous model's task is finished already.
        https://journeyapi.co/docs/imagine
        """
        return await self._submit(
            actions.Imagine,
            None,
            {
                "prompt": prompt,
                "model": model,
                "aspect_ratio": aspect_ratio,
                "output_format": output_format,
                "resolution": resolution,
                "image_url": image_url,
                "negative_prompt": negative_prompt,
            },
            options,
        )

    async def reroll(
        self, parent: Task[ImagineGrid] | str, /, *, prompt: str | None = None, **options: Unpack[Options]
    ) -> Task[RerollGrid]:
        """Run an imagine again, with its own prompt or another; a new grid, 4 credits. https://journeyapi.co/docs/reroll."""
        return await self._submit(actions.Reroll, parent, {"prompt": prompt}, options)

    @overload
    async def variations(
        self, parent: Task[Grid] | str, /, *, index: Index, **options: Unpack[Options]
    ) -> Task[VariationGrid]: ...
    @overload
    async def variations(
        self, parent: Task[UpscaledPicture] | str, /, *, index: Strength, **options: Unpack[Options]
    ) -> Task[VariationGrid]: ...
    async def variations(
        self, parent: Parent, /, *, index: Index | Strength, **options: Unpack[Options]
    ) -> Task[VariationGrid]:
        """Vary a tile of a grid (1 to 4), or an upscale-1x picture (`strong`, `subtle`); a new grid, 4 credits.

        https://journeyapi.co/docs/variations
        """
        return await self._submit(actions.Variations, parent, {"index": index}, options)

    async def upscale_1x(
        self, parent: Task[Grid] | str, /, *, index: Index, **options: Unpack[Options]
    ) -> Task[UpscaledPicture]:
        """Pick one tile of a grid as a picture of its own, the gateway to every edit; 2 credits.

        1 is top-left, 2 top-right, 3 bottom-left, 4 bottom-right. https://journeyapi.co/docs/upscale-1x
        """
        return await self._submit(actions.Upscale1x, parent, {"index": index}, options)

    async def upscale_alt(
        self,
        parent: Task[UpscaledPicture] | str,
        /,
        *,
        type: Literal["subtle", "creative"],  # noqa: A002 - the service's name
        **options: Unpack[Options],
    ) -> Task[EnlargedPicture]:
        """Enlarge an upscale-1x picture, faithfully or with new detail; 4 credits. https://journeyapi.co/docs/upscale-alt."""
        return await self._submit(actions.UpscaleAlt, parent, {"type": type}, options)

    @overload
    async def upscale_2x_4x(
        self, parent: Task[Grid] | str, /, *, type: Literal["2x", "4x"], index: Index, **options: Unpack[Options]
    ) -> Task[EnlargedPicture]: ...
    @overload
    async def upscale_2x_4x(
        self, parent: Task[MidjourneyPicture] | str, /, *, type: Literal["2x", "4x"], **options: Unpack[Options]
    ) -> Task[EnlargedPicture]: ...
    @overload
    async def upscale_2x_4x(
        self, /, *, type: Literal["2x", "4x"], image_url: str, **options: Unpack[Options]
    ) -> Task[EnlargedPicture]: ...
    async def upscale_2x_4x(
        self,
        parent: Parent | None = None,
        /,
        *,
        type: Literal["2x", "4x"],  # noqa: A002 - the service's name
        index: Index | None = None,
        image_url: str | None = None,
        **options: Unpack[Options],
    ) -> Task[EnlargedPicture]:
        """Enlarge a tile of a grid (*index* says which), a picture of Midjourney's, or any public picture; 2 credits.

        Exactly one of *parent* and *image_url*. https://journeyapi.co/docs/upscale-2x-4x
        """
        return await self._submit(
            actions.Upscale2x4x, parent, {"type": type, "index": index, "image_url": image_url}, options
        )

    async def pan(
        self, parent: Task[UpscaledPicture] | str, /, *, direction: Direction, **options: Unpack[Options]
    ) -> Task[PanGrid]:
        """Extend an upscale-1x picture on one side; a grid, 4 credits. https://journeyapi.co/docs/pan."""
        return await self._submit(actions.Pan, parent, {"direction": direction}, options)

    async def inpaint(
        self,
        parent: Task[UpscaledPicture] | str,
        /,
        *,
        mask: Mask,
        prompt: str | None = None,
        **options: Unpack[Options],
    ) -> Task[InpaintGrid]:
        """Repaint what is white in *mask* (at most 8 MiB) on an upscale-1x picture; a grid, 4 credits.

        Its page could not be read: field names and price are the sibling service's.
        """
        return await self._submit(actions.Inpaint, parent, {"mask": await picture(mask), "prompt": prompt}, options)

    async def outpaint(
        self,
        parent: Task[UpscaledPicture] | str,
        /,
        *,
        zoom_ratio: float | str,
        aspect_ratio: AspectRatio | None = None,
        prompt: str | None = None,
        **options: Unpack[Options],
    ) -> Task[OutpaintGrid]:
        """Extend an upscale-1x picture on all sides by a zoom from 1 (make square) to 2; a grid, 4 credits.

        Its page could not be read: field names and price are the sibling service's.
        """
        return await self._submit(
            actions.Outpaint,
            parent,
            {"zoom_ratio": zoom_ratio, "aspect_ratio": aspect_ratio, "prompt": prompt},
            options,
        )

    async def blend(
        self, image_urls: Sequence[str], /, *, dimension: Dimension | None = None, **options: Unpack[Options]
    ) -> Task[BlendGrid]:
        """Blend 2 to 5 public pictures; a grid, 4 credits. https://journeyapi.co/docs/blend."""
        return await self._submit(actions.Blend, None, {"image_urls": image_urls, "dimension": dimension}, options)

    async def describe(self, image_url: str, /, **options: Unpack[Options]) -> Task[Description]:
        """Find four prompts for a public picture; 2 credits. https://journeyapi.co/docs/describe."""
        return await self._submit(actions.Describe, None, {"image_url": image_url}, options)

    async def shorten(self, prompt: str, /, **options: Unpack[Options]) -> Task[Shortening]:
        """Find shorter prompts and the weight of each word; 2 credits. https://journeyapi.co/docs/shorten."""
        return await self._submit(actions.Shorten, None, {"prompt": prompt}, options)

    async def seed(
        self, parent: Task[Grid] | Task[MidjourneyPicture] | str, /, **options: Unpack[Options]
    ) -> Task[Seed]:
        """Ask for the seed number of a task of Midjourney's; 2 credits.

        Unconfirmed: only the sibling service documents this endpoint.
        """
        return await self._submit(actions.AskSeed, parent, {}, options)

    async def faceswap(self, target_image_url: str, swap_image_url: str, **options: Unpack[Options]) -> Task[Picture]:
        """Put the face of the second public picture into the first; 2 credits. https://journeyapi.co/docs/faceswap.

        The two may be given by name, because they are easily swapped.
        """
        return await self._submit(
            actions.Faceswap,
            None,
            {"target_image_url": target_image_url, "swap_image_url": swap_image_url},
            options,
        )

    async def imagine_video(
        self, prompt: str, /, *, image_url: str, motion: Motion | None = None, **options: Unpack[Options]
    ) -> Task[ImagineVideos]:
        """Make four videos that start at a public picture; 8 credits. https://journeyapi.co/docs/imagine-video."""
        return await self._submit(
            actions.ImagineVideo, None, {"prompt": prompt, "image_url": image_url, "motion": motion}, options
        )

    async def extend_video(
        self,
        parent: Task[ImagineVideos] | Task[ExtendedVideos] | str,
        /,
        *,
        index: Index,
        prompt: str,
        image_url: str | None = None,
        motion: Motion | None = None,
        **options: Unpack[Options],
    ) -> Task[ExtendedVideos]:
        """Go on from the last frame of one of four videos, as four clips of their own; 8 credits.

        https://journeyapi.co/docs/extend-video
        """
        return await self._submit(
            actions.ExtendVideo,
            parent,
            {"index": index, "prompt": prompt, "image_url": image_url, "motion": motion},
            options,
        )


async def picture(mask: Mask) -> object:
    """Read the file if *mask* is a path; what is no mask at all is left to the check of the argument."""
    if isinstance(mask, bytes):
        return mask
    from anyio import to_thread  # noqa: PLC0415 - few calls have a mask, and each client would wait for it at its start

    read = await to_thread.run_sync(read_mask, mask)
    return mask if read is None else read
