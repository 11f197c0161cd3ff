from __future__ import annotations

import pytest

from bpc.validate.formats import FORMATS


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("base64", "aGVsbG8=", True),
        ("base64", "aGVsbG8", False),
        ("base64", "", False),
        ("flux-interval", "1h30m", True),
        ("flux-interval", "1.5h", True),
        ("flux-interval", "1d", False),
        ("flux-interval", "1h\n", False),
        ("flux-timeout", "60s", True),
        ("flux-timeout", "1h", False),
        ("git-url", "ssh://git@git.example/x", True),
        ("git-url", "git@git.example:x", False),
        ("helm-url", "oci://registry.example/charts", True),
        ("helm-url", "file:///charts", False),
        ("oci-url", "oci://registry.example/charts", True),
        ("oci-url", "https://registry.example/charts", False),
        ("namespace", "*", True),
        ("namespace", "shop", True),
        ("namespace", "shop-*", False),
        ("namespace-glob", "shop-*", True),
        ("namespace-glob", "shop-{a,b}", False),
        ("relative-path", "output/prod", True),
        ("relative-path", "a/..b", True),
        ("relative-path", "..", False),
        ("relative-path", "a/../b", False),
        ("relative-path", "/a", False),
        ("relative-path", "", False),
    ],
)
def test_formats(name: str, value: str, verdict: bool) -> None:
    assert FORMATS[name].holds(value) is verdict


def test_each_format_finishes_the_sentence_that_reports_it() -> None:
    assert all(rule.meaning and not rule.meaning.endswith(".") for rule in FORMATS.values())
