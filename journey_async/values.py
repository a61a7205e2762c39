"""How the client's classes are made: by attrs, but for the three methods that it would write anew for each of them.

To compile `__eq__`, `__hash__` and `__repr__` for each would make the import of the client half as long again. They are
written here once instead, mean the same, and read which fields take part when they are called.
"""

from __future__ import annotations

from reprlib import recursive_repr
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    # To type checkers they are what they are made from.
    from attrs import define, frozen

    Maker = Callable[..., object]

__all__ = ["define", "frozen"]


def _compared(value: attrs.AttrsInstance) -> list[object]:
    return [getattr(value, field.name) for field in attrs.fields(type(value)) if field.eq]


def _equal(self: attrs.AttrsInstance, other: object) -> object:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return _compared(self) == _compared(other)


def _hash(self: attrs.AttrsInstance) -> int:
    fields = attrs.fields(type(self))
    hashed = [getattr(self, field.name) for field in fields if (field.eq if field.hash is None else field.hash)]
    return hash((type(self), *hashed))


@recursive_repr("...")
def _text(self: attrs.AttrsInstance) -> str:
    told = [
        f"{field.name}={(field.repr if callable(field.repr) else repr)(getattr(self, field.name, attrs.NOTHING))}"
        for field in attrs.fields(type(self))
        if field.repr
    ]
    return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(told)})"


def _sharing(make: Maker, methods: dict[str, object]) -> Maker:
    """Let *make* do all but write those of *methods* that a class does not have itself and that are not left out."""

    def maker(
        cls: type[object] | None = None,
        *,
        eq: bool = True,
        repr: bool = True,  # noqa: A002 - attrs' name
        **options: object,
    ) -> object:
        def decorate(cls: type[object]) -> object:
            for name, method in methods.items():
                if (repr if name == "__repr__" else eq) and name not in cls.__dict__:
                    setattr(cls, name, method)
            return make(cls, eq=False, repr=False, **options)

        return decorate if cls is None else decorate(cls)

    return maker


if not TYPE_CHECKING:
    frozen = _sharing(attrs.frozen, {"__eq__": _equal, "__hash__": _hash, "__repr__": _text})
    define = _sharing(attrs.define, {"__eq__": _equal, "__hash__": None, "__repr__": _text})
