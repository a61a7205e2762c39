"""The mutating verbs once more, for a graph: the same arguments and types, but nothing is sent.

A test holds the signatures together with those of the client (`verbs.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from journey_async.core import actions
from journey_async.core.models import MIDJOURNEY
from journey_async.graph_files import picture
from journey_async.verbs import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        Videos,
    )
    from journey_async.core.models import PictureModel
    from journey_async.core.node import Choice, Node
    from journey_async.verbs import Mask


class NodeOptions(Options, total=False):
    """What every verb of a graph takes besides its own arguments."""

    key: str | None
    """The name of the node, unique in its graph; without one the next free of `imagine-1`, `imagine-2` and so on."""


class GraphVerbs:
    """Every mutating call of the service as a node: checked and priced, not sent.

    They raise `InvalidRequestError` (all faults of the call) and `IllegalParentError`. A parent is a node of the same
    graph. An *index* may be an async function of the finished parent's result; None from it leaves the node out.
    """

    def _draw(self, make: type[Action], parent: Node[Any] | None = None, /, **arguments: object) -> Node[Any]:
        raise NotImplementedError

    @overload
    def imagine(
        self,
        prompt: str,
        /,
        *,
        model: Literal["midjourney"] = ...,
        aspect_ratio: AspectRatio | None = ...,
        **options: Unpack[NodeOptions],
    ) -> Node[ImagineGrid]: ...
    @overload
    def imagine(
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
        **options: Unpack[NodeOptions],
    ) -> Node[Picture]: ...
    @overload
    def imagine(
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
        **options: Unpack[NodeOptions],
    ) -> Node[Any]: ...
    def imagine(
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
        **options: Unpack[NodeOptions],
    ) -> Node[Any]:
        """Draw a grid of Midjourney's, or a picture of another model; 1 to 8 credits by model."""
        return self._draw(
            actions.Imagine,
            prompt=prompt,
            model=model,
            aspect_ratio=aspect_ratio,
            output_format=output_format,
            resolution=resolution,
            image_url=image_url,
            negative_prompt=negative_prompt,
            **options,
        )

    def reroll(
        self, parent: Node[ImagineGrid], /, *, prompt: str | None = None, **options: Unpack[NodeOptions]
    ) -> Node[RerollGrid]:
        """Draw an imagine once more, with its own prompt or another; 4 credits."""
        return self._draw(actions.Reroll, parent, prompt=prompt, **options)

    @overload
    def variations(
        self, parent: Node[Grid], /, *, index: Index | Choice[Grid], **options: Unpack[NodeOptions]
    ) -> Node[VariationGrid]: ...
    @overload
    def variations(
        self,
        parent: Node[UpscaledPicture],
        /,
        *,
        index: Strength | Choice[UpscaledPicture],
        **options: Unpack[NodeOptions],
    ) -> Node[VariationGrid]: ...
    def variations(
        self, parent: Node[Any], /, *, index: Index | Strength | Choice[Any], **options: Unpack[NodeOptions]
    ) -> Node[VariationGrid]:
        """Draw variations of a tile (1 to 4), or of an upscale-1x picture (`strong`, `subtle`); 4 credits."""
        return self._draw(actions.Variations, parent, index=index, **options)

    def upscale_1x(
        self, parent: Node[Grid], /, *, index: Index | Choice[Grid], **options: Unpack[NodeOptions]
    ) -> Node[UpscaledPicture]:
        """Draw one tile of a grid as a picture of its own, the gateway to every edit; 2 credits."""
        return self._draw(actions.Upscale1x, parent, index=index, **options)

    def upscale_alt(
        self,
        parent: Node[UpscaledPicture],
        /,
        *,
        type: Literal["subtle", "creative"],  # noqa: A002 - the service's name
        **options: Unpack[NodeOptions],
    ) -> Node[EnlargedPicture]:
        """Draw an upscale-1x picture enlarged, faithfully or with new detail; 4 credits."""
        return self._draw(actions.UpscaleAlt, parent, type=type, **options)

    @overload
    def upscale_2x_4x(
        self,
        parent: Node[Grid],
        /,
        *,
        type: Literal["2x", "4x"],
        index: Index | Choice[Grid],
        **options: Unpack[NodeOptions],
    ) -> Node[EnlargedPicture]: ...
    @overload
    def upscale_2x_4x(
        self, parent: Node[MidjourneyPicture], /, *, type: Literal["2x", "4x"], **options: Unpack[NodeOptions]
    ) -> Node[EnlargedPicture]: ...
    @overload
    def upscale_2x_4x(
        self, /, *, type: Literal["2x", "4x"], image_url: str, **options: Unpack[NodeOptions]
    ) -> Node[EnlargedPicture]: ...
    def upscale_2x_4x(
        self,
        parent: Node[Any] | None = None,
        /,
        *,
        type: Literal["2x", "4x"],  # noqa: A002 - the service's name
        index: Index | Choice[Any] | None = None,
        image_url: str | None = None,
        **options: Unpack[NodeOptions],
    ) -> Node[EnlargedPicture]:
        """Draw a tile, a picture of Midjourney's, or any public picture enlarged; 2 credits."""
        return self._draw(actions.Upscale2x4x, parent, type=type, index=index, image_url=image_url, **options)

    def pan(
        self, parent: Node[UpscaledPicture], /, *, direction: Direction, **options: Unpack[NodeOptions]
    ) -> Node[PanGrid]:
        """Draw an upscale-1x picture extended on one side; 4 credits."""
        return self._draw(actions.Pan, parent, direction=direction, **options)

    def inpaint(
        self,
        parent: Node[UpscaledPicture],
        /,
        *,
        mask: Mask,
        prompt: str | None = None,
        **options: Unpack[NodeOptions],
    ) -> Node[InpaintGrid]:
        """Draw an upscale-1x picture repainted where *mask*, which is read at once, is white; 4 credits."""
        return self._draw(actions.Inpaint, parent, mask=picture(mask), prompt=prompt, **options)

    def outpaint(
        self,
        parent: Node[UpscaledPicture],
        /,
        *,
        zoom_ratio: float | str,
        aspect_ratio: AspectRatio | None = None,
        prompt: str | None = None,
        **options: Unpack[NodeOptions],
    ) -> Node[OutpaintGrid]:
        """Draw an upscale-1x picture extended on all sides by a zoom from 1 (make square) to 2; 4 credits."""
        return self._draw(
            actions.Outpaint, parent, zoom_ratio=zoom_ratio, aspect_ratio=aspect_ratio, prompt=prompt, **options
        )

    def blend(
        self, image_urls: Sequence[str], /, *, dimension: Dimension | None = None, **options: Unpack[NodeOptions]
    ) -> Node[BlendGrid]:
        """Draw the blend of 2 to 5 public pictures; 4 credits."""
        return self._draw(actions.Blend, image_urls=image_urls, dimension=dimension, **options)

    def describe(self, image_url: str, /, **options: Unpack[NodeOptions]) -> Node[Description]:
        """Draw the question for four prompts of a public picture; 2 credits."""
        return self._draw(actions.Describe, image_url=image_url, **options)

    def shorten(self, prompt: str, /, **options: Unpack[NodeOptions]) -> Node[Shortening]:
        """Draw the question for shorter prompts and the weight of each word; 2 credits."""
        return self._draw(actions.Shorten, prompt=prompt, **options)

    def seed(self, parent: Node[Grid] | Node[MidjourneyPicture], /, **options: Unpack[NodeOptions]) -> Node[Seed]:
        """Draw the question for the seed number of a task of Midjourney's; 2 credits."""
        return self._draw(actions.AskSeed, parent, **options)

    def faceswap(self, target_image_url: str, swap_image_url: str, **options: Unpack[NodeOptions]) -> Node[Picture]:
        """Draw the first public picture with the face of the second; 2 credits."""
        return self._draw(actions.Faceswap, target_image_url=target_image_url, swap_image_url=swap_image_url, **options)

    def imagine_video(
        self, prompt: str, /, *, image_url: str, motion: Motion | None = None, **options: Unpack[NodeOptions]
    ) -> Node[ImagineVideos]:
        """Draw four videos that start at a public picture; 8 credits."""
        return self._draw(actions.ImagineVideo, prompt=prompt, image_url=image_url, motion=motion, **options)

    def extend_video(
        self,
        parent: Node[ImagineVideos] | Node[ExtendedVideos],
        /,
        *,
        index: Index | Choice[Videos],
        prompt: str,
        image_url: str | None = None,
        motion: Motion | None = None,
        **options: Unpack[NodeOptions],
    ) -> Node[ExtendedVideos]:
        """Draw what follows the last frame of one of four videos; 8 credits."""
        return self._draw(
            actions.ExtendVideo, parent, index=index, prompt=prompt, image_url=image_url, motion=motion, **options
        )
