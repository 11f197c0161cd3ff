"""The name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64
_TELLING_PREFIX = 4
_SEPARATORS = str.maketrans("", "", "-_. ")


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the one candidate that `word` is probably a slip of, or None where none stands out.

    Case, dashes, underscores, dots and spaces do not count. Otherwise a third of the letters may be
    wrong, missing, too many or swapped with their neighbour; a shortened or lengthened word counts too.
    Words with other digits are no slips, nor are words that begin otherwise and differ in more than that:
    `prod-2` is not `prod-1`, and `include` is not `exclude`.
    """
    plain = _plain(word)
    if not plain or len(word) > _LONGEST:
        return None
    scored = sorted(
        (score, candidate)
        for candidate in set(candidates)
        if (score := _score(plain, _plain(candidate))) is not None
    )
    if len(scored) > 1 and scored[0][0] == scored[1][0]:
        return None
    return scored[0][1] if scored else None


def _plain(word: str) -> str:
    return word.casefold().translate(_SEPARATORS)


def _score(word: str, other: str) -> tuple[int, int] | None:
    if word == other:
        return (0, 0)
    if _digits(word) != _digits(other):
        return None
    shared = _shared_prefix(word, other)
    most = max(len(word), len(other)) // 3
    distance = _distance(word, other, most if shared else min(most, 1))
    if distance is not None:
        return (distance, -shared)
    shortened = shared == min(len(word), len(other)) and shared >= _TELLING_PREFIX
    return (abs(len(word) - len(other)), -shared) if shortened else None


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def _shared_prefix(word: str, other: str) -> int:
    pairs = zip(word, other, strict=False)
    return next(
        (i for i, (a, b) in enumerate(pairs) if a != b),
        min(len(word), len(other)),
    )


def _distance(word: str, other: str, most: int) -> int | None:
    """Return the optimal string alignment distance, or None where it is more than `most`."""
    if abs(len(word) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(word, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == word[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None
