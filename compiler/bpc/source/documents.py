"""What reading a file gives: documents whose every value knows its place, and findings."""

from __future__ import annotations

from dataclasses import dataclass, field

from bpc.diagnostics import Finding, Pointer, Span
from bpc.source.positions import Marks


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document without a fault; `data` holds dict, list, str, int, float, bool and None only.

    `index` counts the documents of the file from 0, also those that are empty or faulty. `data` must not
    be changed: positions are found by its order.
    """

    path: str
    index: int
    data: dict[str, object]
    marks: Marks = field(repr=False, compare=False)

    def span(self, pointer: Pointer, *, key: bool = False) -> Span:
        """Return the place of a value, or of its key.

        Where the path leads nowhere, that is the key of the innermost mapping or list which exists; an
        item of a list, and the root, are shown by their first key instead.
        """
        return self.marks.span(pointer, key=key)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The documents of one file that are free of errors, and all that was found in the file."""

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]
