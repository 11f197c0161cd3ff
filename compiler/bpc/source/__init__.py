"""YAML text to data with positions; hostile input is refused with a located finding."""

from bpc.source.documents import Document, Parsed
from bpc.source.parsing import parse

__all__ = ["Document", "Parsed", "parse"]
