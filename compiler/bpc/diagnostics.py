"""What the compiler says about a policy: findings that name a place, and diagnostics that show it.

Every stage reports `Finding`s. A finding names its place by document and path, so that a stage needs
no line numbers; the pipeline looks the position up once and makes a `Diagnostic` of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Pointer = tuple[str | int, ...]


class Severity(StrEnum):
    """How much a diagnostic weighs; an error stops the build."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Position from most to least severe, starting at 0."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Code:
    """A stable number and a kebab-case name for one kind of finding; either is accepted everywhere."""

    number: str
    name: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in what a person wrote: a path into one document of one file.

    `path` is the file as given, relative to the project. `document` counts documents in the file from 0.
    `pointer` leads from the root of the document to the value. With `key`, the key itself is meant,
    not its value.
    """

    path: str
    document: int = 0
    pointer: Pointer = ()
    key: bool = False

    def __truediv__(self, step: str | int) -> Where:
        return Where(self.path, self.document, (*self.pointer, step))

    def at(self, *steps: str | int) -> Where:
        """Return the place below this one that `steps` lead to."""
        return Where(self.path, self.document, (*self.pointer, *steps))

    def as_key(self) -> Where:
        """Return the same place, meaning the key rather than its value."""
        return Where(self.path, self.document, self.pointer, key=True)

    @property
    def json_pointer(self) -> str:
        """The path as RFC 6901 writes it."""
        return "".join(f"/{str(s).replace('~', '~0').replace('/', '~1')}" for s in self.pointer)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text: lines and columns count from 1, columns in code points; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to a policy that a finding proposes and that is always safe to make.

    Exactly one of `value` and `rename` is meant: a new scalar at `where`, or a new name for its key.
    """

    where: Where
    value: str | int | bool | None = None
    rename: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a stage found, before its position is known.

    `message` is lower case and has no full stop; `help` is one concrete edit; `label` is said under the
    carets; `related` are the other places that are part of the reason; `span` is set by the stages that
    work on text, where there is no document to point into yet.
    """

    code: Code
    message: str
    where: Where
    help: str = ""
    label: str = ""
    related: tuple[tuple[Where, str], ...] = ()
    subject: str = ""
    edit: Edit | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A stretch of source with a few words on why it matters."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding with its position and the severity that the project gave it.

    `pointer` is the JSON pointer of the place inside document number `document` of the file. `subject`
    names the policy object concerned, such as `shop/orders`. `fingerprint` stays the same when lines
    move.
    """

    code: Code
    severity: Severity
    message: str
    primary: Label
    related: tuple[Label, ...] = ()
    help: str = ""
    document: int = 0
    pointer: str = ""
    subject: str = ""
    fingerprint: str = ""
    edit: Edit | None = None


def sort_key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    """Order diagnostics by place, then by number, so that two runs print the same."""
    span = diagnostic.primary.span
    return (span.path, span.line, span.column, diagnostic.code.number, diagnostic.message)
