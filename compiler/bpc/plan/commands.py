"""Shell commands for people: complete, narrow enough to print, and safe to paste line by line."""

from __future__ import annotations

import shlex

_WIDTH = 100
_CHUNK = 80
_RESUME = "  "


def wrapped(*words: str, end: str = "") -> str:
    """Join words that are already quoted into one command, broken before it gets too wide to print."""
    lines: list[str] = []
    line = words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) + len(f" {end or chr(92)}") > _WIDTH:
            lines.append(f"{line} \\")
            line = f"{_RESUME}{word}"
        else:
            line = f"{line} {word}"
    gap = "" if end.startswith(";") or not end else " "
    return "\n".join([*lines, f"{line}{gap}{end}"])


def assigned(variable: str, text: str) -> str:
    """Set a shell variable to a text, piece by piece where the text is too long for one line."""
    chunks = [text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK)]
    first, *others = [shlex.quote(chunk) for chunk in chunks]
    return "\n".join(
        [f"{variable}={first}", *(f'{variable}="${variable}"{chunk}' for chunk in others)]
    )


def script(*lines: str) -> str:
    """Join commands, each on lines of its own."""
    return "\n".join(lines)


def from_secret(variable: str, key: str) -> str:
    """Set a variable to a key of the Secret that NAMESPACE and SECRET name."""
    return wrapped(
        f'{variable}=$(kubectl --namespace "$NAMESPACE"',
        'get secret "$SECRET"',
        f"--output 'jsonpath={{.data.{key}}}' | base64 -d)",
    )
