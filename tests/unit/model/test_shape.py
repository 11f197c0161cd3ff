from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from bpc.model.base import Count, Flag, Labels, Name, Spec
from bpc.model.copies import Copies, Copy
from bpc.model.policy import BackupPolicySpec, ClusterSelector
from bpc.model.scalars import DURATION, Duration
from bpc.model.shape import Choice, Listing, Record, Scalar, Table, Variants, keys, records


class Example(Spec):
    """A model."""

    flag: Flag = False
    number: Count | None = Field(default=None, ge=1, le=9)
    port: Annotated[Count, Field(ge=2, le=3)] | None = None
    length: Duration = 90
    names: tuple[Name, ...] = ("a", "b")
    labels: Labels | None = None
    plain_text: str


class Unclear(Spec):
    """A model whose union nothing tells apart."""

    value: int | str


def test_scalars_have_their_bounds_and_their_format() -> None:
    known = keys(Example)
    assert known["number"].shape == Scalar(int, None, (1, 9))
    assert known["port"].shape == Scalar(int, None, (2, 3))
    assert known["length"].shape == Scalar(int, DURATION)
    assert known["flag"].shape == Scalar(bool)


def test_keys_are_named_as_in_yaml() -> None:
    assert [*keys(Example)][-1] == "plainText"
    assert "from" in keys(Copy)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("flag", False),
        ("number", None),
        ("length", "1m30s"),
        ("names", ["a", "b"]),
        ("labels", None),
        ("plainText", None),
    ],
)
def test_defaults_are_as_people_write_them(name: str, written: object) -> None:
    assert keys(Example)[name].written == written


def test_lists_maps_and_choices() -> None:
    assert isinstance(keys(Example)["names"].shape, Listing)
    assert isinstance(keys(Example)["labels"].shape, Table)
    assert keys(Copies)["rule"].shape == Choice(("3-2-1-1-0", "3-2-1", "none"))


def test_a_short_form_is_part_of_the_record_it_stands_for() -> None:
    entry = keys(Copies)["to"].shape
    assert isinstance(entry, Listing)
    assert isinstance(entry.item, Record)
    assert isinstance(entry.item.short, Scalar)


def test_variants_are_chosen_by_a_key_or_by_what_is_written() -> None:
    datasets = keys(BackupPolicySpec)["datasets"].shape
    clusters = keys(BackupPolicySpec)["clusters"].shape
    assert isinstance(datasets, Listing)
    assert isinstance(datasets.item, Variants)
    assert datasets.item.by == "type"
    assert isinstance(clusters, Variants)
    assert clusters.by == ""
    assert list(records(clusters)) == [("", ClusterSelector)]
    assert len(list(records(datasets))) == 12


def test_a_model_that_cannot_be_walked_is_a_fault_of_its_author() -> None:
    with pytest.raises(TypeError, match="nothing tells the members"):
        keys(Unclear)
