from __future__ import annotations

from pydantic import BaseModel

from bpc.model.base import Spec
from bpc.model.descriptions import descriptions
from bpc.model.documents import KINDS
from bpc.model.project import Project
from bpc.model.shape import keys, records


class Parent(Spec):
    """A model."""

    first: int
    """Said by
    the parent.

    - `1`: one.
    """
    second: int = 2
    """Said by the parent."""


class Child(Parent):
    """A model below it."""

    second: int = 3
    """Said by the child."""
    third: int = 4


def test_the_docstring_below_a_field_describes_it() -> None:
    assert descriptions(Parent)["first"] == "Said by\nthe parent.\n\n- `1`: one."


def test_a_child_keeps_what_its_parent_says_and_may_say_it_anew() -> None:
    assert descriptions(Child) == {
        "first": "Said by\nthe parent.\n\n- `1`: one.",
        "second": "Said by the child.",
    }


def test_every_field_of_the_language_is_described() -> None:
    waiting: list[type[BaseModel]] = [*KINDS.values(), Project]
    seen: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop()
        seen.add(model)
        assert set(descriptions(model)) >= set(model.model_fields), model
        assert model.__doc__
        below = {each for key in keys(model).values() for _, each in records(key.shape)}
        waiting += below - seen
    assert len(seen) > 60
