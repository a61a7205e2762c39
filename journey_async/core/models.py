"""The image models of `/imagine`: what each costs, answers and accepts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

Need: TypeAlias = Literal["required", "optional", "refused"]
Mode: TypeAlias = Literal["async", "sync"]

PictureModel: TypeAlias = Literal[
    "flux-pro",
    "flux-dev",
    "flux-schnell",
    "flux-2-dev",
    "flux-2-flex",
    "flux-2-max",
    "flux-kontext-pro",
    "flux-kontext-max",
    "nano-banana",
    "nano-banana-2",
    "nano-banana-hd",
    "seedream-3",
    "seedream-4",
    "seedream-4.5",
    "seedream-5-lite",
    "seededit",
    "gpt-image-1",
    "gpt-image-1.5",
    "gpt-4o-image",
    "grok-image",
    "grok-image-2",
    "z-image",
    "qwen-image",
    "qwen-image-edit",
    "ideogram-v3",
    "ideogram-v3-edit",
    "ideogram-v3-remix",
    "ideogram-v3-reframe",
    "recraft",
]
"""Every model but `midjourney`: one picture instead of a grid."""

MIDJOURNEY: Final = "midjourney"


@frozen
class Model:
    """One model of `/imagine`, as journeyapi.co/docs/models and its own page describe it."""

    id: str
    provider: str
    mode: Mode
    """What the documentation says. A program goes by the reply: one that is finished already was synchronous."""
    credits: int
    image_url: Need = "refused"
    negative_prompt: bool = False
    output_format: bool = False
    resolution: bool = False

    def offers(self, name: str) -> bool:
        """Tell whether this model takes the field *name*, one of `OFFERED_BY_SOME`."""
        return getattr(self, name) not in {False, "refused"}


OFFERED_BY_SOME: Final = ("image_url", "negative_prompt", "output_format", "resolution")
"""The fields of `/imagine` that not every model takes."""


def _table(*models: Model) -> Mapping[str, Model]:
    return MappingProxyType({model.id: model for model in models})


MODELS: Final[Mapping[str, Model]] = _table(
    Model(MIDJOURNEY, "Midjourney", "async", 4),
    Model("flux-pro", "Black Forest Labs", "async", 4, negative_prompt=True, output_format=True, resolution=True),
    Model("flux-dev", "Black Forest Labs", "async", 2, negative_prompt=True, output_format=True, resolution=True),
    Model("flux-schnell", "Black Forest Labs", "async", 1, negative_prompt=True, output_format=True, resolution=True),
    Model("flux-2-dev", "Black Forest Labs", "sync", 1, negative_prompt=True),
    Model("flux-2-flex", "Black Forest Labs", "sync", 2, negative_prompt=True),
    Model("flux-2-max", "Black Forest Labs", "sync", 4, negative_prompt=True),
    Model("flux-kontext-pro", "Black Forest Labs", "sync", 4, "required"),
    Model("flux-kontext-max", "Black Forest Labs", "sync", 8, "required"),
    # The list of models that take a picture is cut off behind "nano-banana-": it is read as all that no page denies.
    Model("nano-banana", "Google", "sync", 2, "optional"),
    Model("nano-banana-2", "Google", "sync", 4, "optional", resolution=True),
    # Its page has no row for resolution, yet its sample sends one.
    Model("nano-banana-hd", "Google", "sync", 3, resolution=True),
    Model("seedream-3", "ByteDance", "sync", 2),
    Model("seedream-4", "ByteDance", "sync", 3),
    Model("seedream-4.5", "ByteDance", "sync", 3),
    Model("seedream-5-lite", "ByteDance", "sync", 3),
    Model("seededit", "ByteDance", "sync", 3, "required"),
    Model("gpt-image-1", "OpenAI", "sync", 2, "optional"),
    Model("gpt-image-1.5", "OpenAI", "sync", 3, "optional"),
    Model("gpt-4o-image", "OpenAI", "sync", 2, "optional"),
    # The index of models and the imagine page give both a picture, their own pages do not mention one.
    Model("grok-image", "xAI", "sync", 3, "optional"),
    Model("grok-image-2", "xAI", "sync", 4, "optional"),
    Model("z-image", "Alibaba", "sync", 2),
    Model("qwen-image", "Alibaba", "sync", 4),
    Model("qwen-image-edit", "Alibaba", "sync", 4, "required"),
    Model("ideogram-v3", "Ideogram", "sync", 6),
    Model("ideogram-v3-edit", "Ideogram", "sync", 6, "required"),
    Model("ideogram-v3-remix", "Ideogram", "sync", 6, "required"),
    Model("ideogram-v3-reframe", "Ideogram", "sync", 6, "required"),
    Model("recraft", "Recraft", "sync", 3),
)
"""The 30 models by id."""
