"""What the service's pages say about parents and results, pair by pair and by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from journey_async.core.kinds import Kind
    from journey_async.core.rules import Evidence

KINDS: dict[str, Kind] = {
    "imG": ImagineGrid,
    "reG": RerollGrid,
    "vaG": VariationGrid,
    "paG": PanGrid,
    "inG": InpaintGrid,
    "ouG": OutpaintGrid,
    "blG": BlendGrid,
    "anG": Grid,  # of Midjourney's, but of which action is not known
    "upP": UpscaledPicture,
    "enP": EnlargedPicture,
    "mjP": MidjourneyPicture,
    "otP": Picture,  # of another model, or of a faceswap
    "imV": ImagineVideos,
    "exV": ExtendedVideos,
    "anV": Videos,
    "des": Description,
    "sho": Shortening,
    "see": Seed,
    "anT": Text,
    "anR": Result,
}

# D documented, I implied, . refused
# fmt: off
HEAD =                            "imG reG vaG paG inG ouG blG anG upP enP mjP otP imV exV anV des sho see anT anR"
NO_PARENT =                       " .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   ."
ANY_GRID_ =                       " D   D   D   I   I   I   I   I   .   .   .   .   .   .   .   .   .   .   .   ."
UPSCALED_ =                       " .   .   .   .   .   .   .   .   D   .   .   .   .   .   .   .   .   .   .   ."
TABLE = {
    "imagine":                      NO_PARENT,
    "imagine with another model":   NO_PARENT,
    "reroll":                       " D   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .",
    "variations":                   ANY_GRID_,
    "variations strong or subtle":  UPSCALED_,
    "upscale-1x":                   ANY_GRID_,
    "upscale-alt":                  UPSCALED_,
    "upscale-2x-4x":                " .   .   .   .   .   .   .   .   D   D   D   .   .   .   .   .   .   .   .   .",
    "upscale-2x-4x of a tile":      " D   D   D   D   D   D   D   D   .   .   .   .   .   .   .   .   .   .   .   .",
    "upscale-2x-4x of a URL":       NO_PARENT,
    "pan":                          UPSCALED_,
    "inpaint":                      UPSCALED_,
    "outpaint":                     UPSCALED_,
    "blend":                        NO_PARENT,
    "describe":                     NO_PARENT,
    "shorten":                      NO_PARENT,
    "seed":                         " I   I   I   I   I   I   I   I   I   I   I   .   .   .   .   .   .   .   .   .",
    "faceswap":                     NO_PARENT,
    "imagine-video":                NO_PARENT,
    "extend-video":                 " .   .   .   .   .   .   .   .   .   .   .   .   D   I   .   .   .   .   .   .",
}
# fmt: on
LETTERS: dict[str, Evidence | None] = {"D": "documented", "I": "implied", ".": None}
EXPECTED: dict[str, dict[Kind, Evidence | None]] = {
    name: {KINDS[kind]: LETTERS[letter] for kind, letter in zip(HEAD.split(), row.split(), strict=True)}
    for name, row in TABLE.items()
}

# The task_type that the service writes for the tasks of each row, and the model where that matters.
WRITTEN: dict[str, list[dict[str, str]]] = {
    "imagine": [{"task_type": "imagine", "model": "midjourney"}],
    "imagine with another model": [{"task_type": "imagine", "model": "flux-pro"}],
    "reroll": [{"task_type": "reroll"}],
    "variations": [{"task_type": f"variation-{index}"} for index in "1234"],
    "variations strong or subtle": [{"task_type": "variation-strong"}, {"task_type": "variation-subtle"}],
    "upscale-1x": [{"task_type": "upscale#1"}, {"task_type": "upscale-1x"}],
    "upscale-alt": [{"task_type": "upscale-subtle"}, {"task_type": "upscale-creative"}],
    "upscale-2x-4x": [{"task_type": "upscale-2x"}, {"task_type": "upscale-4x"}],
    "upscale-2x-4x of a tile": [{"task_type": "upscale-2x"}, {"task_type": "upscale-4x"}],
    "upscale-2x-4x of a URL": [{"task_type": "upscale-2x"}, {"task_type": "upscale-4x"}],
    "pan": [{"task_type": f"pan-{side}"} for side in ("up", "down", "left", "right")],
    "inpaint": [{"task_type": "inpaint"}],
    "outpaint": [{"task_type": "outpaint-1"}, {"task_type": "outpaint-1.5"}, {"task_type": "outpaint-2"}],
    "blend": [{"task_type": "blend"}],
    "describe": [{"task_type": "describe"}],
    "shorten": [{"task_type": "shorten"}],
    "seed": [{"task_type": "seed"}],
    "faceswap": [{"task_type": "faceswap"}],
    "imagine-video": [{"task_type": "imagine-video"}],
    "extend-video": [{"task_type": "imagine-video-extend"}],
}
