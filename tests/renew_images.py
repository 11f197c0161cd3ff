"""Ask the registries for the digest of every image of the catalogue, and write what they answer into it.

`make images` runs this on a machine that reaches them; nothing else here ever does. What cannot be asked
stays as it is, and is reported. The digest is that of the index, which holds the images of all architectures.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

CATALOGUE = Path(__file__).parents[1] / "compiler" / "bpc" / "plan" / "catalogue.py"
VELERO = CATALOGUE.with_name("images.py")
_ENTRY = re.compile(r'"([a-z0-9./-]+:[A-Za-z0-9._-]+)"(:? ?\(?)(\s*)"(@?)(sha256:[0-9a-f]{64})"')
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_HUB = "docker.io"
_TIMEOUT = 30


@dataclass(frozen=True)
class Image:
    """An image by registry, repository and tag."""

    registry: str
    repository: str
    tag: str

    @classmethod
    def parse(cls, reference: str) -> Image:
        """Take a full reference apart, such as `docker.io/library/redis:7.4`."""
        registry, _, rest = reference.partition("/")
        repository, _, tag = rest.rpartition(":")
        return cls(registry, repository, tag)

    @property
    def address(self) -> str:
        """Where the registry answers for it."""
        host = "registry-1.docker.io" if self.registry == _HUB else self.registry
        return f"https://{host}/v2/{self.repository}/manifests/{self.tag}"


def ask(image: Image, address: str | None = None) -> str:
    """Return the digest that a registry answers for an image; OSError or ValueError if it does not."""
    place = address or image.address
    headers = {"Accept": ", ".join(_INDEXES)}
    try:
        return _digest(place, headers)
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        headers["Authorization"] = f"Bearer {_token(error.headers['WWW-Authenticate'])}"
    return _digest(place, headers)


def _digest(place: str, headers: dict[str, str]) -> str:
    request = urllib.request.Request(place, headers=headers, method="HEAD")  # noqa: S310 - as given
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - same
        if answer.headers["Content-Type"] not in _INDEXES:
            raise ValueError(f"{place} is not an index of several architectures")
        return str(answer.headers["Docker-Content-Digest"])


def _token(challenge: str) -> str:
    words = dict(_CHALLENGE.findall(challenge))
    realm = words.pop("realm")
    query = urllib.parse.urlencode(
        {key: words[key] for key in ("service", "scope") if key in words}
    )
    with urllib.request.urlopen(f"{realm}?{query}", timeout=_TIMEOUT) as answer:  # noqa: S310 - same
        content = json.load(answer)
    return str(content.get("token") or content["access_token"])


def renewed(
    text: str, answer: Callable[[Image], str], report: Callable[[str], object]
) -> Iterator[str]:
    """Yield the text of a catalogue, piece by piece, with the digests that `answer` gives."""
    end = 0
    for found in _ENTRY.finditer(text):
        reference, old = found[1], found[5]
        try:
            new = answer(Image.parse(reference))
        except (OSError, ValueError, KeyError) as error:
            report(f"{reference}: not asked: {error}")
            new = old
        if new != old:
            report(f"{reference}: {old} is now {new}")
        yield text[end : found.start(5)]
        yield new
        end = found.end(5)
    yield text[end:]


def said(line: str) -> None:
    """Print a line for the person who renews."""
    sys.stderr.write(f"{line}\n")


def main() -> None:
    """Renew both files in place."""
    for path in (CATALOGUE, VELERO):
        text = path.read_text(encoding="utf-8")
        path.write_text("".join(renewed(text, ask, said)), encoding="utf-8")


if __name__ == "__main__":
    main()
