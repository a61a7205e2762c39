"""Which action may follow which kind of task, and what it gives: one table, and nothing else decides.

A row accepts a kind through the nearest of its ancestors that the row names, so `Grid` in a row means every Midjourney
grid that the row does not name itself. Sources: journeyapi.co/docs/upscale-1x first, then the page of each action.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field

from journey_async.core import kinds
from journey_async.errors import IllegalParentError
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from journey_async.core.actions import Action
    from journey_async.core.kinds import Kind
    from journey_async.errors import Fault

Evidence: TypeAlias = Literal["documented", "implied"]
"""Documented: a page of JourneyAPI says so. Implied: it follows from one, or only the sibling service says so."""

_NO_PARENT: Mapping[Kind, Evidence] = MappingProxyType({})


@frozen(kw_only=True)
class Rule:
    """One row: *action*, with the arguments that *name* tells, accepts these parents and gives a task of that kind."""

    name: str
    action: str
    parents: Mapping[Kind, Evidence] = field(default=_NO_PARENT)
    """Empty: the action takes no parent."""
    gives: Kind
    call: str
    """The call that takes this step, for messages."""
    remedies: Mapping[Kind, str] = field(factory=dict[type[kinds.Result], str])
    """What to do about a refused kind, where the table does not say it by itself."""

    def accepts(self, kind: Kind) -> Evidence | None:
        """Tell on what evidence a task of *kind* may be the parent; None if it may not."""
        return next((self.parents[ancestor] for ancestor in kind.__mro__ if ancestor in self.parents), None)

    @property
    def needs(self) -> tuple[Kind, ...]:
        """The kinds of parent that the row names, less those that another of its kinds covers."""
        return tuple(
            kind
            for kind in self.parents
            if not any(kind is not other and issubclass(kind, other) for other in self.parents)
        )


_ANY_GRID: Final[Mapping[Kind, Evidence]] = {
    kinds.ImagineGrid: "documented",
    kinds.RerollGrid: "documented",
    kinds.VariationGrid: "documented",
    # Pan, inpaint, outpaint and blend: the page of pan says that pans chain, which takes an upscale-1x between two.
    kinds.Grid: "implied",
}
_UPSCALED: Final[Mapping[Kind, Evidence]] = {kinds.UpscaledPicture: "documented"}


def _table(*rules: Rule) -> Mapping[str, Rule]:
    return MappingProxyType({rule.name: rule for rule in rules})


RULES: Final[Mapping[str, Rule]] = _table(
    Rule(name="imagine", action="imagine", gives=kinds.ImagineGrid, call="imagine(prompt)"),
    Rule(
        name="imagine with another model",
        action="imagine",
        gives=kinds.Picture,
        call="imagine(prompt, model=...)",
    ),
    Rule(
        name="reroll",
        action="reroll",
        parents={kinds.ImagineGrid: "documented"},
        gives=kinds.RerollGrid,
        call="reroll(parent)",
    ),
    Rule(
        name="variations",
        action="variations",
        parents=_ANY_GRID,
        gives=kinds.VariationGrid,
        call="variations(parent, index=1..4)",
        remedies={kinds.UpscaledPicture: "An upscale-1x picture takes index='strong' or index='subtle'."},
    ),
    Rule(
        name="variations strong or subtle",
        action="variations",
        parents=_UPSCALED,
        gives=kinds.VariationGrid,
        call="variations(parent, index='strong' or 'subtle')",
    ),
    Rule(
        name="upscale-1x",
        action="upscale-1x",
        parents=_ANY_GRID,
        gives=kinds.UpscaledPicture,
        call="upscale_1x(parent, index=1..4)",
    ),
    Rule(
        name="upscale-alt",
        action="upscale-alt",
        parents=_UPSCALED,
        gives=kinds.EnlargedPicture,
        call="upscale_alt(parent, type='subtle' or 'creative')",
    ),
    Rule(
        name="upscale-2x-4x",
        action="upscale-2x-4x",
        parents={kinds.MidjourneyPicture: "documented"},
        gives=kinds.EnlargedPicture,
        call="upscale_2x_4x(parent, type='2x' or '4x')",
        remedies={kinds.Grid: "Say which tile of the grid with index=1..4."},
    ),
    Rule(
        name="upscale-2x-4x of a tile",
        action="upscale-2x-4x",
        parents={kinds.Grid: "documented"},
        gives=kinds.EnlargedPicture,
        call="upscale_2x_4x(parent, type='2x' or '4x', index=1..4)",
        remedies={kinds.MidjourneyPicture: "Leave index out: the parent is a single picture."},
    ),
    Rule(
        name="upscale-2x-4x of a URL",
        action="upscale-2x-4x",
        gives=kinds.EnlargedPicture,
        call="upscale_2x_4x(image_url=..., type='2x' or '4x')",
    ),
    Rule(
        name="pan",
        action="pan",
        parents=_UPSCALED,
        gives=kinds.PanGrid,
        call="pan(parent, direction='up', 'down', 'left' or 'right')",
    ),
    Rule(
        name="inpaint",
        action="inpaint",
        parents=_UPSCALED,
        gives=kinds.InpaintGrid,
        call="inpaint(parent, mask=...)",
    ),
    Rule(
        name="outpaint",
        action="outpaint",
        parents=_UPSCALED,
        gives=kinds.OutpaintGrid,
        call="outpaint(parent, zoom_ratio=1..2)",
    ),
    Rule(name="blend", action="blend", gives=kinds.BlendGrid, call="blend(image_urls)"),
    Rule(name="describe", action="describe", gives=kinds.Description, call="describe(image_url)"),
    Rule(name="shorten", action="shorten", gives=kinds.Shortening, call="shorten(prompt)"),
    Rule(
        name="seed",
        action="seed",
        # Only the sibling service documents it, for "a finished generation": read as Midjourney's, where seeds exist.
        parents={kinds.Grid: "implied", kinds.MidjourneyPicture: "implied"},
        gives=kinds.Seed,
        call="seed(parent)",
    ),
    Rule(
        name="faceswap",
        action="faceswap",
        gives=kinds.Picture,
        call="faceswap(target_image_url, swap_image_url)",
    ),
    Rule(
        name="imagine-video",
        action="imagine-video",
        gives=kinds.ImagineVideos,
        call="imagine_video(prompt, image_url=...)",
    ),
    Rule(
        name="extend-video",
        action="extend-video",
        # "Chain several extensions" on its page implies that an extension can be extended.
        parents={kinds.ImagineVideos: "documented", kinds.ExtendedVideos: "implied"},
        gives=kinds.ExtendedVideos,
        call="extend_video(parent, index=1..4, prompt=...)",
    ),
)
"""The rows by name; `Action.rule_name` says which one holds."""


def rule_for(action: Action) -> Rule:
    """Give the row that holds for *action*."""
    return RULES[action.rule_name]


def steps_between(kind: Kind, rule: Rule) -> tuple[Rule, ...]:
    """Give the rows that follow a task of *kind* and give a parent that *rule* accepts."""
    return tuple(step for step in RULES.values() if step.accepts(kind) and rule.accepts(step.gives))


def refusal(rule: Rule, parent: str, kind: Kind, faults: Sequence[Fault] = ()) -> IllegalParentError | None:
    """Give the error if *rule* refuses the task *parent* of *kind*; *faults* of other arguments of the call join it."""
    if rule.accepts(kind):
        return None
    return IllegalParentError(
        rule.action,
        rule=rule.name,
        parent=parent,
        kind=kind.label,
        needs=" or ".join(needed.label for needed in rule.needs),
        remedy=remedy(rule, kind),
        faults=faults,
    )


def remedy(rule: Rule, kind: Kind) -> str:
    """Say what to do when *rule* refuses a parent of *kind*."""
    written = next((rule.remedies[ancestor] for ancestor in kind.__mro__ if ancestor in rule.remedies), None)
    if written is not None:
        return written
    steps = steps_between(kind, rule)
    if len(steps) == 1:
        return f"Insert {steps[0].call} first."
    if steps:
        return f"Insert one of {', '.join(step.call for step in steps)} first."
    makers = [made for made in RULES.values() if issubclass(made.gives, rule.needs)]
    starts = [made for made in makers if not made.parents]
    return f"Use the task of {' or '.join(made.call for made in starts or makers)} instead."
