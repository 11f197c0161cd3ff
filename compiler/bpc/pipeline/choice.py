"""Which clusters one run compiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class UnknownCluster(ValueError):  # noqa: N818 - it is what the person asked for
    """A cluster was asked for that no policy chooses."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no policy chooses a cluster `{name}`")
        self.name = name
        self.known = known


def choose(
    known: Iterable[str], wanted: Iterable[str] | None, shard: tuple[int, int] | None
) -> list[str]:
    """Return the names to compile, in order.

    Shard I of N takes every Nth cluster from the Ith on, so that N runs together take each one once.
    Raises UnknownCluster.
    """
    names = sorted(known)
    if wanted is not None:
        for name in wanted:
            if name not in names:
                raise UnknownCluster(name, names)
        names = sorted(set(wanted))
    if shard is not None:
        number, total = shard
        names = names[number - 1 :: total]
    return names
