"""The hundreds of the rule numbers, by name."""

from __future__ import annotations

_CATEGORIES = {
    "1": "schema",
    "2": "policy",
    "3": "protection",
    "4": "kubernetes",
    "5": "gitops",
    "6": "security",
    "7": "engines",
    "8": "change-gate",
    "9": "internal",
}


def category(number: str) -> str:
    """Return the category of a rule number such as `BPC204`."""
    return _CATEGORIES[number.removeprefix("BPC")[0]]


def block(number: str) -> str:
    """Return the hundred that a rule number belongs to with its name, such as `BPC2xx policy`."""
    return f"BPC{number.removeprefix('BPC')[0]}xx {category(number)}"
