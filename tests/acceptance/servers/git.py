"""Git repositories over HTTP with a password, answered by git's own `http-backend`."""

from __future__ import annotations

import base64
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.acceptance import tools
from tests.acceptance.servers.http_service import HttpService, body
from tests.acceptance.servers.process import LOCALHOST, Words, call, clean_environment

PASSED = {"Content-Type": "CONTENT_TYPE", "Content-Encoding": "HTTP_CONTENT_ENCODING"}


class GitServer(HttpService):
    """Bare repositories that one user may read and push to."""

    name = "git"

    def __init__(
        self,
        *,
        user: str = "flux",
        password: str = "correct-horse",  # noqa: S107 - a server that lives for one test
        tls: bool = False,
        hosts: tuple[str, ...] = (),
    ) -> None:
        self.git = tools.require("git")
        super().__init__(tls=tls, hosts=hosts)
        self.account = user
        self.password = password
        self.root = self.directory / "repositories"
        self.root.mkdir()

    def create(self, name: str) -> str:
        """Make an empty repository, and return its address with the user and the password in it."""
        place = self.root / f"{name}.git"
        call([self.git, "init", "--quiet", "--bare", "--initial-branch=main", place])
        call([self.git, "--git-dir", place, "config", "http.receivepack", "true"])
        return self.address(name)

    def address(self, name: str, password: str | None = None) -> str:
        """Return the address of a repository, with the user and a password in it."""
        secret = self.password if password is None else password
        scheme = self.url.split(":")[0]
        return f"{scheme}://{self.account}:{secret}@{LOCALHOST}:{self.port}/{name}.git"

    def run(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run git as a client, which never asks for anything."""
        environment = {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "acceptance",
            "GIT_AUTHOR_EMAIL": "acceptance@example.invalid",
            "GIT_COMMITTER_NAME": "acceptance",
            "GIT_COMMITTER_EMAIL": "acceptance@example.invalid",
            **({"GIT_SSL_CAINFO": str(self.ca)} if self.ca else {}),
        }
        return call([self.git, *arguments], environment=environment, check=check)

    def backend(self, request: BaseHTTPRequestHandler) -> bytes:
        """Return what `http-backend` answers to a request: headers, an empty line, a body."""
        path, _, query = request.path.partition("?")
        environment = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_USER": self.account,
            "REQUEST_METHOD": request.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
        }
        for header, variable in PASSED.items():
            environment[variable] = request.headers.get(header, "")
        content = body(request)
        environment["CONTENT_LENGTH"] = str(len(content))
        command: Words = [self.git, "http-backend"]
        done = subprocess.run(
            command,
            capture_output=True,
            check=True,
            env=clean_environment(environment),
            input=content,
            timeout=60,
        )
        return done.stdout

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return the class that answers one request."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def allowed(self) -> bool:
                wanted = base64.b64encode(f"{server.account}:{server.password}".encode()).decode()
                return self.headers.get("Authorization") == f"Basic {wanted}"

            def answer(self) -> None:
                if not self.allowed():
                    body(self)
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                head, _, content = server.backend(self).partition(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                self.send_response(int(headers.pop("Status", "200 OK").split()[0]))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815 - names that the library looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler
