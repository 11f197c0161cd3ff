from __future__ import annotations

import re

import pytest

from bpc.diagnostics import Diagnostic
from bpc.report import FORMATS, Context, SourceText, render


def test_offers_the_documented_formats() -> None:
    assert FORMATS == (
        "text",
        "concise",
        "json",
        "sarif",
        "junit",
        "github",
        "gitlab",
        "markdown",
    )


@pytest.mark.parametrize("name", FORMATS)
def test_order_of_discovery_does_not_show(
    name: str,
    unknown_location: Diagnostic,
    short_retention: Diagnostic,
    sources: SourceText,
    context: Context,
) -> None:
    found = [unknown_location, short_retention]
    text = render(name, found, sources, context)
    assert text == render(name, found[::-1], sources, context)
    assert text.endswith("\n")


def test_names_the_formats_when_asked_for_another(sources: SourceText, context: Context) -> None:
    message = f"unknown format `yaml`, expected one of {', '.join(FORMATS)}"
    with pytest.raises(ValueError, match=re.escape(message)):
        render("yaml", [], sources, context)
