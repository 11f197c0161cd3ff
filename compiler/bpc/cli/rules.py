"""`bpc rules`: every code, in a table."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from bpc.cli.console import data
from bpc.pipeline.catalogue import catalogue, category, rule_codes


def rules(
    format: Annotated[  # noqa: A002 - the name of the flag
        Literal["text", "json"], typer.Option("--format", help="How the table is printed.")
    ] = "text",
) -> None:
    """List every rule: number, name, weight, and what it finds."""
    adjustable = set(rule_codes())
    if format == "json":
        rows = [
            {
                "code": code.number,
                "name": code.name,
                "level": code.severity.value,
                "category": category(code),
                "adjustable": code in adjustable,
                "summary": page.what,
            }
            for code, page in catalogue().items()
        ]
        data(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(code.name) for code in catalogue())
    for code, page in catalogue().items():
        data(f"{code.number}  {code.name:<{width}}  {code.severity.value:<7}  {page.what}")
