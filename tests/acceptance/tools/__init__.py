"""The programs that the acceptance tests run: which ones there are, and where `python -m` puts them."""

from __future__ import annotations

from tests.acceptance.tools.record import MissingToolError, find, require, version, why_missing

__all__ = ["MissingToolError", "find", "require", "version", "why_missing"]
