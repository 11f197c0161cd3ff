from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType

import pytest

from bpc.render.values import RefusedValueError, plain


class Mode(StrEnum):
    MOVE = "move"


class OldMode(str, Enum):  # noqa: UP042 - its `str()` is not its value
    MOVE = "move"


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "data"),
    [
        ("text", "text"),
        ("a\n\tb", "a\n\tb"),
        (True, True),
        (0, 0),
        (-(2**63), -(2**63)),
        (None, None),
        (Mode.MOVE, "move"),
        (OldMode.MOVE, "move"),
        (Level.HIGH, 3),
        ((1, [2, (3,)]), [1, [2, [3]]]),
        (MappingProxyType({Mode.MOVE: {"a": ()}}), {"move": {"a": []}}),
        ({"a": None, "b": {"c": None}, "d": [None, 1, None]}, {"b": {}, "d": [1]}),
    ],
)
def test_values_become_plain_data(value: object, data: object) -> None:
    result = plain(value)
    assert result == data
    assert type(result) is type(data)


def test_enumerations_become_their_plain_base() -> None:
    result = plain([Mode.MOVE, OldMode.MOVE, Level.HIGH])
    assert isinstance(result, list)
    assert [type(item) for item in result] == [str, str, int]


def test_the_result_shares_nothing_with_the_value() -> None:
    inner = {"a": [1]}
    result = plain({"x": inner})
    inner["a"].append(2)
    assert result == {"x": {"a": [1]}}


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        (1.5, (), "`float` is not manifest data"),
        (b"x", (), "`bytes` is not manifest data"),
        ({1, 2}, (), "`set` is not manifest data"),
        (object, (), "`type` is not manifest data"),
        ({"a": [{"b": 1.0}]}, ("a", 0, "b"), "`float` is not manifest data"),
        ({"a": {1: 2}}, ("a",), "key `1` is not text"),
        ({"a": 2**63}, ("a",), f"integer `{2**63}` needs more than 64 bits"),
        (["x", "a\x00b"], (1,), "text holds the character `U+0000`"),
        ("a\rb", (), "text holds the character `U+000D`"),
        ("\x85", (), "text holds the character `U+0085`"),
        ("\x7f", (), "text holds the character `U+007F`"),
        ("\ud800", (), "text holds the character `U+D800`"),
        ("\ue0000\ue001", (), "text holds the character `U+E000`"),
        ({"a\x1b": 1}, ("a\x1b",), "text holds the character `U+001B`"),
    ],
)
def test_everything_else_is_refused_at_its_place(
    value: object, path: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(RefusedValueError) as caught:
        plain(value)
    assert (caught.value.path, caught.value.message) == (path, message)
