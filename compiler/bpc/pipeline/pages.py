"""The documentation that is generated from the code: one page for each rule, and a list of them."""

from __future__ import annotations

from bpc.diagnostics import Code
from bpc.pipeline.catalogue import catalogue, category
from bpc.source.codes import Page


def rule_pages() -> dict[str, str]:
    """Return the pages below `docs/rules/` by file name."""
    pages = {file_name(code): _page(code, page) for code, page in catalogue().items()}
    return {"README.md": _index(), **pages}


def file_name(code: Code) -> str:
    """Return the name of a rule's page."""
    return f"{code.number.lower()}-{code.name}.md"


def _page(code: Code, page: Page) -> str:
    parts = [
        f"# {code.number} {code.name}",
        f"{category(code)}, {code.severity.value}",
        page.what,
        page.why,
    ]
    if page.bad:
        parts += ["## This is found", f"```yaml\n{page.bad}```"]
        parts += ["## This is not", f"```yaml\n{page.good}```"]
    return "\n\n".join(parts) + "\n"


def _index() -> str:
    lines = [
        "# Rules",
        "",
        "Generated from the code; `make docs` rewrites these pages. Examples lie over a small estate: what",
        "they leave out is as usual. `bpc explain` prints the same pages.",
        "",
        "| Number | Name | Weight | What it finds |",
        "|---|---|---|---|",
    ]
    for code, page in catalogue().items():
        link = f"[{code.number}]({file_name(code)})"
        what = page.what.replace("|", "\\|")
        lines.append(f"| {link} | {code.name} | {code.severity.value} | {what} |")
    return "\n".join(lines) + "\n"
