from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.model.release import Release

_NUMBER = st.integers(0, 999)


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("1.31", Release(1, 31, 0)),
        ("v1.31.4", Release(1, 31, 4)),
        ("0.17", Release(0, 17, 0)),
    ],
)
def test_releases_are_read(text: str, release: Release) -> None:
    assert Release.parse(text) == release


@pytest.mark.parametrize(
    "text", ["", "1", "1.", "1.2.3.4", "1.02", "1.x", " 1.2", "1.2\n", "-1.2", "1.2-rc.1"]
)
def test_anything_else_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="is not a release such as"):
        Release.parse(text)


@given(_NUMBER, _NUMBER, _NUMBER)
def test_what_is_printed_is_read_again(major: int, minor: int, patch: int) -> None:
    release = Release(major, minor, patch)
    assert Release.parse(str(release)) == release
    assert Release.parse(release.series) <= release


def test_releases_are_ordered_by_number() -> None:
    texts = ["1.9", "1.10", "1.10.1", "1.18", "2.0"]
    assert sorted(map(Release.parse, reversed(texts))) == list(map(Release.parse, texts))
