"""The release of this tool, as a constant: reading package metadata costs five bare start-ups."""

__version__ = "0.1.0"
