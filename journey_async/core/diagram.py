"""The rule table as a drawing: which action leads from which kind of task to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_async.core.rules import RULES
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.core.kinds import Kind
    from journey_async.core.rules import Evidence, Rule


@frozen
class _Edge:
    source: str
    target: str
    evidence: Evidence


def rules_as_mermaid() -> str:
    """Draw the rules as a mermaid flowchart; kinds that the same actions may follow share a box.

    A solid arrow is documented by the service, a dotted one is implied. Actions after which nothing more can follow
    have no arrow: they are written into the box that they may follow.
    """
    groups = _groups()
    drawn = [rule for rule in RULES.values() if _goes_on(rule.gives)]
    ends = [rule for rule in RULES.values() if rule not in drawn]
    without_parent = [rule for rule in ends if not rule.parents]
    lines = ["flowchart TD", f'    start(["{_with_ends("no parent", without_parent)}"])']
    for kinds in groups:
        if _goes_on(kinds[0]):
            here = [rule for rule in ends if rule.accepts(kinds[0])]
            lines.append(f'    {_name(kinds)}["{_with_ends(_label(kinds), here)}"]')
    labels: dict[_Edge, list[str]] = {}
    for rule in drawn:
        for edge in _edges(rule, groups):
            labels.setdefault(edge, []).append(rule.name)
    for edge, names in labels.items():
        arrow = "-->" if edge.evidence == "documented" else "-.->"
        lines.append(f'    {edge.source} {arrow}|"{"<br/>".join(names)}"| {edge.target}')
    return "\n".join(lines)


def _goes_on(kind: Kind) -> bool:
    return any(rule.accepts(kind) for rule in RULES.values())


def _with_ends(label: str, ends: list[Rule]) -> str:
    return f"{label}<br/><i>also: {', '.join(rule.name for rule in ends)}</i>" if ends else label


def _groups() -> list[tuple[Kind, ...]]:
    """Put together the kinds that the same rules accept on the same evidence."""
    groups: dict[tuple[Evidence | None, ...], list[Kind]] = {}
    for kind in dict.fromkeys(rule.gives for rule in RULES.values()):
        groups.setdefault(tuple(rule.accepts(kind) for rule in RULES.values()), []).append(kind)
    return [tuple(kinds) for kinds in groups.values()]


def _edges(rule: Rule, groups: list[tuple[Kind, ...]]) -> Iterator[_Edge]:
    target = next(_name(kinds) for kinds in groups if rule.gives in kinds)
    if not rule.parents:
        yield _Edge("start", target, "documented")
    for kinds in groups:
        evidence = rule.accepts(kinds[0])
        if evidence is not None:
            yield _Edge(_name(kinds), target, evidence)


def _name(kinds: tuple[Kind, ...]) -> str:
    return kinds[0].__name__


def _label(kinds: tuple[Kind, ...]) -> str:
    return "<br/>".join(kind.label.removeprefix("a ").removeprefix("an ") for kind in kinds)
