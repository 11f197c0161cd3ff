"""An HTTP server that runs in a thread of the tests."""

from __future__ import annotations

import abc
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.acceptance.servers.process import LOCALHOST, Server
from tests.acceptance.servers.tls import Authority


class HttpService(Server):
    """What the services that are written here have in common."""

    name: str

    def __init__(self, *, tls: bool = False, hosts: tuple[str, ...] = ()) -> None:
        super().__init__(self.name)
        self.http = ThreadingHTTPServer((LOCALHOST, 0), self.handler())
        self.port = self.http.server_port
        self.url = f"{'https' if tls else 'http'}://{LOCALHOST}:{self.port}"
        authority = Authority(self.directory / "tls") if tls else None
        self.ca = authority.certificate if authority else None
        if authority:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*authority.issue("server", hosts=hosts).files)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)

    @abc.abstractmethod
    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers one request."""

    def start(self) -> None:
        """Serve from now on; the port was taken before."""
        self.thread.start()

    def stop(self) -> None:
        """Stop serving, and give the port back."""
        if self.thread.is_alive():
            self.http.shutdown()
            self.thread.join(10)
        self.http.server_close()


def body(request: BaseHTTPRequestHandler) -> bytes:
    """Return the body of a request, whether its length was told or it comes in chunks."""
    if "chunked" not in request.headers.get("Transfer-Encoding", ""):
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    return b"".join(chunks(request))


def chunks(request: BaseHTTPRequestHandler) -> Iterator[bytes]:
    """Yield the chunks of a body."""
    while length := int(request.rfile.readline().split(b";")[0], 16):
        yield request.rfile.read(length)
        request.rfile.readline()
    while request.rfile.readline().strip():
        pass
