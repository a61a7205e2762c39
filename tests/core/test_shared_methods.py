"""The methods that all classes of values share, against those that attrs would write."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from attrs import field
from hypothesis import given
from hypothesis import strategies as st

import journey_async
from journey_async import core, values

if TYPE_CHECKING:
    from types import ModuleType


def classes(by: ModuleType) -> dict[str, type[Any]]:
    """Make the same classes by attrs and by us."""

    @by.frozen(kw_only=True)
    class Plain:
        a: object = None
        b: object = field(default=1)

    @by.frozen(slots=False)
    class Loose:
        a: object = None
        b: object = field(default=1, eq=False)

    @by.frozen(kw_only=True)
    class Secret:
        a: object = None
        b: object = field(default=1, repr=False)
        _hidden: object = field(default=2, repr=lambda value: f"<{value}>")

    @by.frozen
    class Hashed:
        a: object = None
        b: object = field(default=1, hash=False)

    @by.define
    class Changing:
        a: object = None
        b: object = 1

    @by.frozen(eq=False)
    class Alone:
        a: object = None
        b: object = 1

    @by.frozen(repr=False)
    class Silent:
        a: object = None
        b: object = 1

    @by.frozen
    class Own:
        a: object = None
        b: object = 1

        def __eq__(self, other: object) -> bool:
            return self.a == getattr(other, "a", None)

        def __hash__(self) -> int:
            return hash(self.a)

        def __repr__(self) -> str:
            return "own"

    @by.frozen(kw_only=True)
    class Heir(Plain):
        c: object = 3

    made = (Plain, Loose, Secret, Hashed, Changing, Alone, Silent, Own, Heir)
    return {one.__name__: one for one in made}


THEIRS: Final = classes(attrs)
OURS: Final = classes(values)
VALUES: Final = st.one_of(st.none(), st.integers(0, 2), st.text(max_size=2), st.tuples(st.integers(0, 1)))


@values.frozen
class Kept:
    """One that can be pickled, because it stands in a module."""

    a: object
    b: object = field(default=None, eq=False)


@given(name=st.sampled_from(sorted(OURS)), left=st.tuples(VALUES, VALUES), right=st.tuples(VALUES, VALUES))
def test_they_mean_what_those_of_attrs_mean(
    name: str, left: tuple[object, object], right: tuple[object, object]
) -> None:
    of_theirs = [THEIRS[name](a=a, b=b) for a, b in (left, right)]
    of_ours = [OURS[name](a=a, b=b) for a, b in (left, right)]
    assert (of_ours[0] == of_ours[1], of_ours[0] != of_ours[1]) == (
        of_theirs[0] == of_theirs[1],
        of_theirs[0] != of_theirs[1],
    )
    if name != "Silent":
        assert list(map(repr, of_ours)) == list(map(repr, of_theirs))
    if name not in {"Changing", "Alone"}:
        assert of_ours[0] != of_ours[1] or hash(of_ours[0]) == hash(of_ours[1])


def test_what_is_left_out_of_the_hash_need_not_have_one() -> None:
    assert hash(OURS["Hashed"](a=1, b=[])) == hash(OURS["Hashed"](a=1, b=2)) != hash(OURS["Hashed"](a=2, b=2))
    with pytest.raises(TypeError, match="unhashable"):
        hash(OURS["Hashed"](a=[]))


def test_values_of_two_classes_are_never_equal() -> None:
    assert OURS["Plain"]() != OURS["Heir"]()
    assert OURS["Plain"]() != OURS["Loose"]()
    assert OURS["Plain"]() != "a text"


@pytest.mark.parametrize("made", [THEIRS, OURS], ids=["by attrs", "by us"])
def test_what_changes_cannot_be_hashed(made: dict[str, type[Any]]) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(made["Changing"]())


@pytest.mark.parametrize("made", [THEIRS, OURS], ids=["by attrs", "by us"])
def test_what_is_no_value_is_only_equal_to_itself(made: dict[str, type[Any]]) -> None:
    one = made["Alone"]()
    assert one == one  # noqa: PLR0124 - that is the question
    assert one != made["Alone"]()
    assert len({one, made["Alone"]()}) == 2


@pytest.mark.parametrize("made", [THEIRS, OURS], ids=["by attrs", "by us"])
def test_who_wants_no_text_has_that_of_every_object(made: dict[str, type[Any]]) -> None:
    one = made["Silent"]()
    assert repr(one) == object.__repr__(one)


def test_a_value_that_holds_itself_can_be_shown() -> None:
    one = OURS["Changing"]()
    one.a = [one]
    assert repr(one) == "Changing(a=[...], b=1)"


def test_a_value_that_is_not_whole_can_be_shown() -> None:
    assert repr(object.__new__(Kept)) == "Kept(a=NOTHING, b=NOTHING)"


def test_a_copy_is_equal() -> None:
    kept = Kept(["a"], b="left out")
    pickled = pickle.dumps(kept)
    for one in (copy.copy(kept), copy.deepcopy(kept), pickle.loads(pickled), attrs.evolve(kept)):  # noqa: S301 - our own
        assert one == kept
        assert repr(one) == "Kept(a=['a'], b='left out')"


def test_all_that_is_loaded_with_a_client_has_them() -> None:
    modules = [
        importlib.import_module(f"{folder.__name__}.{module.name}")
        for folder in (journey_async, core)
        for module in pkgutil.iter_modules(folder.__path__)
    ]
    assert len(modules) > 80
    for maker in ("frozen", "define"):
        theirs = getattr(attrs, maker)
        assert [module.__name__ for module in modules if vars(module).get(maker) is theirs] == []
