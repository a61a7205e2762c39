"""The commands of the service's actions by name: all that the first page of help needs to know of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Not taken from the actions: importing those, and making an option of every field, would double the time that
# `journey --help` takes. A test holds the two together.
SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "imagine": "Make a picture, or with Midjourney a grid of four, from a prompt.",
        "reroll": "Run the prompt of an imagine again, or a new prompt.",
        "variations": "Vary a tile of a grid, or an upscale-1x picture strongly or subtly.",
        "upscale-1x": "Pick one tile of a grid: the gateway to every edit.",
        "upscale-alt": "Enlarge an upscale-1x picture with subtle or creative detail.",
        "upscale-2x-4x": "Enlarge a picture of Midjourney's, a tile, or any public picture.",
        "pan": "Extend an upscale-1x picture on one side.",
        "inpaint": "Repaint the white region of a mask.",
        "outpaint": "Extend an upscale-1x picture on all sides.",
        "blend": "Blend two to five pictures into a grid.",
        "describe": "Find four prompts for a picture.",
        "shorten": "Find shorter prompts and the weight of each word.",
        "seed": "Ask for the seed number of a task.",
        "faceswap": "Put the face of one picture into another.",
        "imagine-video": "Make four videos from a prompt and a start frame.",
        "extend-video": "Go on from the last frame of one of four videos.",
    }
)
"""What each action does, as the docstring of its class begins."""
