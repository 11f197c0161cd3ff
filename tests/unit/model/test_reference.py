"""The pages of the reference: complete, linked, and in the words in which policies are written."""

from __future__ import annotations

import re

from bpc.model.documents import KINDS
from bpc.model.reference import pages
from bpc.model.shape import keys

PAGES = pages()
LINK = re.compile(r"\]\(([a-z-]*(?:README)?(?:\.md)?)#([^)]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(text: str) -> list[str]:
    """Return the fragments of the headings, as GitHub makes them."""
    titles = [re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(text)]
    return [title.replace(" ", "-") for title in titles]


def test_there_is_a_page_for_every_kind_and_one_for_the_datasets() -> None:
    assert set(PAGES) == {
        *("README.md", "cluster.md", "location.md", "tier.md", "policy.md", "datasets.md"),
        *("scenario.md", "waiver.md", "drill-record.md", "project.md"),
    }
    assert all(kind in PAGES["README.md"] for kind in KINDS)


def test_every_link_leads_to_a_heading() -> None:
    found = [(name, *link) for name, text in PAGES.items() for link in LINK.findall(text)]
    assert len(found) > 50
    for name, page, anchor in found:
        assert anchor in anchors(PAGES[page or name]), (name, page, anchor)


def test_no_two_headings_of_a_page_have_the_same_anchor() -> None:
    for name, text in PAGES.items():
        assert len(anchors(text)) == len(set(anchors(text))), name


def test_every_key_of_every_document_has_a_row() -> None:
    for kind, model in KINDS.items():
        page = "policy.md" if kind == "BackupPolicy" else f"{'-'.join(words(kind))}.md"
        for key in keys(model):
            assert f"| `{key}` |" in PAGES[page]


def words(kind: str) -> list[str]:
    return [word.lower() for word in re.findall("[A-Z][a-z]+", kind)]


def test_values_are_shown_as_people_write_them() -> None:
    assert "| `timeout` | a duration | `30s` |" in PAGES["datasets.md"]
    assert "| `paused` | `true` or `false` | `false` |" in PAGES["datasets.md"]
    assert "| `port` | a number from 1 to 65535 |  |" in PAGES["datasets.md"]
    assert "| `kubernetes` | a minor release | required |" in PAGES["cluster.md"]
    assert "| a duration | a number above 0 and a unit" in PAGES["README.md"]


def test_a_row_stays_on_one_line_and_has_four_cells() -> None:
    for text in PAGES.values():
        for row in re.findall(r"^\| `.*$", text, re.MULTILINE):
            assert len(re.findall(r"(?<!\\)\|", row)) == 5, row


def test_what_every_dataset_has_is_said_once() -> None:
    assert PAGES["datasets.md"].count("| `heldBy` |") == 1
    assert PAGES["datasets.md"].count("| `connection` |") == 1
