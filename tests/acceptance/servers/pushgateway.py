"""A stand-in for the Prometheus Pushgateway, which it is not: it records what is pushed.

It does not parse the metrics. `promtool check metrics` is the judge of those.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from tests.acceptance.servers.http_service import HttpService, body


@dataclass(frozen=True)
class Push:
    """One request."""

    method: str
    path: str
    body: str


class PushgatewayStub(HttpService):
    """Records what is sent by PUT and POST; `status` is what it answers, to play a gateway that fails."""

    name = "pushgateway"

    def __init__(
        self, *, tls: bool = False, hosts: tuple[str, ...] = (), status: int = 200
    ) -> None:
        self.pushes: list[Push] = []
        self.status = status
        super().__init__(tls=tls, hosts=hosts)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers one request."""
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def record(self) -> None:
                text = body(self).decode()
                stub.pushes.append(Push(self.command, self.path, text))
                self.send_response(stub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_PUT = do_POST = record  # noqa: N815 - names that the library looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler
