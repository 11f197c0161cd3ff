"""Rewrites the pages that are generated from code: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from bpc.model.reference import pages as reference_pages
from bpc.pipeline.pages import rule_pages

DOCS = Path(__file__).parents[1] / "docs"


def generated() -> dict[Path, str]:
    """Return every generated page by its path below `docs/`."""
    rules = {Path("rules") / name: text for name, text in rule_pages().items()}
    reference = {Path("reference") / name: text for name, text in reference_pages().items()}
    return rules | reference


def main() -> None:
    """Write the pages, and remove those of rules that are gone."""
    pages = generated()
    for folder in ("rules", "reference"):
        for stale in set((DOCS / folder).glob("*.md")) - {DOCS / path for path in pages}:
            stale.unlink()
    for path, text in pages.items():
        (DOCS / path).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / path).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(pages)} pages\n")


if __name__ == "__main__":
    main()
