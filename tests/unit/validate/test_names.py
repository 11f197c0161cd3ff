from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpc.validate.names import (
    is_data_key,
    is_dns_label,
    is_dns_subdomain,
    is_label_key,
    is_label_value,
)


@pytest.mark.parametrize("text", ["a", "a-1", "0", "x" * 63])
def test_dns_labels(text: str) -> None:
    assert is_dns_label(text)
    assert is_dns_subdomain(f"{text}.{text}")
    assert is_label_value(text)


@pytest.mark.parametrize("text", ["", "-a", "a-", "A", "a_b", "a.b", "x" * 64, "a\n", "é"])
def test_what_is_no_dns_label(text: str) -> None:
    assert not is_dns_label(text)


@pytest.mark.parametrize("text", ["", ".a", "a.", "a..b", "a.-b", "A.b", "x" * 254, "a\n"])
def test_what_is_no_dns_subdomain(text: str) -> None:
    assert not is_dns_subdomain(text)


@pytest.mark.parametrize("text", ["app", "App_1.x", "example.org/app", "a/" + "x" * 63])
def test_label_keys(text: str) -> None:
    assert is_label_key(text)


@pytest.mark.parametrize("text", ["", "/a", "a/", "a/b/c", "E.org/a", "a b", "x" * 64, "-a", "a\n"])
def test_what_is_no_label_key(text: str) -> None:
    assert not is_label_key(text)


@pytest.mark.parametrize("text", ["-a", "a-", "a b", "x" * 64, "a/b", "a\n", "é"])
def test_what_is_no_label_value(text: str) -> None:
    assert not is_label_value(text)


def test_a_label_may_be_empty() -> None:
    assert is_label_value("")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("a.sh", True), (".a", True), ("_", True), (".", False), ("..", False), ("..a", False)],
)
def test_keys_of_data_are_names_of_files(text: str, verdict: bool) -> None:
    assert is_data_key(text) is verdict
    assert not is_data_key(f"{text}/")


@given(st.text(max_size=70))
def test_every_dns_label_is_a_subdomain_and_a_label_value(text: str) -> None:
    if is_dns_label(text):
        assert is_dns_subdomain(text)
        assert is_label_value(text)
        assert is_data_key(text)
