"""The text of one file to documents with positions and findings."""

from __future__ import annotations

from yaml import YAMLError

from bpc.diagnostics import Finding, Span, Where
from bpc.source import syntax
from bpc.source.characters import Text, decode
from bpc.source.codes import TOO_LARGE
from bpc.source.compose import Composer
from bpc.source.documents import Document, Parsed
from bpc.source.faults import Faults, Stopped
from bpc.source.positions import Lines

MAX_FILE = 1024 * 1024


def parse(content: bytes, path: str) -> Parsed:
    """Return the documents of a file and everything that is wrong with its text.

    A file with a fault in its characters, and a document with a fault in its structure, give no document:
    what they would hold is not what was written. Nothing is raised, whatever the bytes are.
    """
    if len(content) > MAX_FILE:
        return Parsed((), (too_large(path),))
    text = decode(content)
    lines = Lines(path, text.content)
    faults = Faults(lines)
    documents = _read(content, text, lines, faults)
    return Parsed(() if text.flaws else tuple(documents), faults.findings())


def too_large(path: str) -> Finding:
    """Say that a file has more bytes than are read."""
    message = f"the file is larger than {MAX_FILE:,} bytes"
    return Finding(TOO_LARGE, message, Where(path), help="split it", span=Span(path, 1, 1, 1, 1))


def _read(content: bytes, text: Text, lines: Lines, faults: Faults) -> list[Document]:
    documents: list[Document] = []
    try:
        for flaw in text.flaws:
            faults.error(flaw.code, flaw.message, flaw.start, flaw.end, flaw.advice)
        if text.mended is not None:
            readable = text.mended.encode() if text.flaws else content
            composer = Composer(readable, lines, faults)
            try:
                for document in composer.documents():
                    documents.append(document)  # noqa: PERF402  those before an error are kept
            except YAMLError as error:
                syntax.report(error, lines, faults)
    except Stopped:
        pass
    return documents
