"""Renewing the digests of the catalogue, against a registry on loopback."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest

from tests.renew_images import CATALOGUE, VELERO, Image, ask, renewed

NEW = "sha256:" + "1" * 64
INDEX = "application/vnd.oci.image.index.v1+json"


class Registry(http.server.BaseHTTPRequestHandler):
    """Gives a token to whoever asks, and an index to whoever has it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"token": "open"}')

    def do_HEAD(self) -> None:
        host = f"http://{self.headers['Host']}"
        known = self.headers.get("Authorization") == "Bearer open"
        self.send_response(200 if known else 401)
        self.send_header("WWW-Authenticate", f'Bearer realm="{host}/token",service="s",scope="r"')
        kind = "application/json" if self.path.endswith("/single") else INDEX
        self.send_header("Content-Type", kind)
        self.send_header("Docker-Content-Digest", NEW)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_registry_is_asked_with_a_token(registry: str) -> None:
    image = Image.parse("docker.io/library/redis:7.4.1")
    assert image.address == "https://registry-1.docker.io/v2/library/redis/manifests/7.4.1"
    assert ask(image, f"{registry}/v2/library/redis/manifests/7.4.1") == NEW


def test_an_image_of_one_architecture_is_refused(registry: str) -> None:
    with pytest.raises(ValueError, match="several architectures"):
        ask(Image.parse("x/y:1"), f"{registry}/v2/y/manifests/single")


@pytest.mark.parametrize("path", [CATALOGUE, VELERO], ids=lambda path: path.stem)
def test_every_digest_of_the_catalogue_is_found(path: object) -> None:
    text = CATALOGUE.with_name(getattr(path, "name")).read_text()  # noqa: B009 - a path
    count = text.count("sha256:")
    result = "".join(renewed(text, lambda _: NEW, lambda _: None))
    assert result.count(NEW) == count
    assert len(result) == len(text)


def test_what_cannot_be_asked_stays_and_is_reported() -> None:
    def refuse(_: Image) -> str:
        raise OSError("closed")

    said: list[str] = []
    text = CATALOGUE.read_text()
    assert "".join(renewed(text, refuse, said.append)) == text
    assert len(said) == text.count("sha256:")
