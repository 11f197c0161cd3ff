"""In which shells the scripts are run: every day in the strictest, in the others when CI asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

SHELLS = ("dash", "bash --posix", "busybox sh")


def others(shells: Sequence[str] = SHELLS) -> list[Any]:
    """Return parameters for all shells but the first, which only `make check` runs."""
    return [pytest.param(shell, marks=pytest.mark.shells) for shell in shells[1:]]


def every(shells: Sequence[str] = SHELLS) -> list[Any]:
    """Return parameters for all shells."""
    return [shells[0], *others(shells)]
