"""The page of a rule, read from its module's docstring."""

from __future__ import annotations

import textwrap
from typing import Protocol

from bpc.source.codes import Page


class Documented(Protocol):
    """A module with a docstring."""

    __name__: str
    __doc__: str | None


def page_of(module: Documented) -> Page:
    """Return the page that a rule's docstring holds.

    The first paragraph says what is wrong, those after it why it matters; `Bad:` and `Good:` introduce
    policies that do and do not do it. A docstring of another shape is a ValueError.
    """
    text = textwrap.dedent(module.__doc__ or "").strip()
    prose, bad_mark, rest = text.partition("\nBad:\n")
    bad, good_mark, good = rest.partition("\nGood:\n")
    what, _, why = prose.strip().partition("\n\n")
    if not (bad_mark and good_mark and why.strip()):
        raise ValueError(f"{module.__name__} has no page: what, why, `Bad:` and `Good:` are needed")
    return Page(
        what=" ".join(what.split()),
        why="\n\n".join(" ".join(part.split()) for part in why.strip().split("\n\n")),
        bad=textwrap.dedent(bad).strip("\n") + "\n",
        good=textwrap.dedent(good).strip("\n") + "\n",
    )
