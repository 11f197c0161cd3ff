"""Tokens that stand in a template's text for values, so that no value ever passes through YAML text."""

from __future__ import annotations

import re

OPEN, CLOSE = "\ue000", "\ue001"
HOLE = re.compile(f"{OPEN}([0-9]+){CLOSE}")

_TOKENS = tuple(f"{OPEN}{index}{CLOSE}" for index in range(256))


class Holes:
    """The values of one rendering, in the order in which the template reached them."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: list[object] = []

    def punch(self, value: object) -> str:
        """Keep the value and return the token that stands for it."""
        index = len(self.values)
        self.values.append(value)
        return _TOKENS[index] if index < len(_TOKENS) else f"{OPEN}{index}{CLOSE}"
