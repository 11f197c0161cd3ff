"""One OpenSearch node: version 3.3, with snapshots to S3, where there is a Java 21, else 2.18.

The node is the real one, but the security plug-in is not to be had: there are no users and there is no
TLS, so what a wrong password does is not tested here.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

from tests.acceptance import tools
from tests.acceptance.servers.process import LOCALHOST, Process, Server, Words, free_ports

PLUGINS = (
    "org.opensearch.transport.Netty4ModulePlugin",
    "org.opensearch.repositories.s3.S3RepositoryPlugin",
)
OLDER_PLUGINS = ("org.opensearch.transport.Netty4Plugin",)
JVM = (
    "-Xms256m",
    "-Xmx512m",
    # two plug-ins of one process set it, of which the second would fail
    "-Dopensearch.set.netty.runtime.available.processors=false",
    # lets a repository carry its credentials, instead of a keystore that needs the installed programs
    "-Dopensearch.allow_insecure_settings=true",
    "--enable-native-access=ALL-UNNAMED",
)


class OpenSearch(Server):
    """One node; snapshots to directories go below `repositories`, which a second node can be given."""

    def __init__(self, *, repositories: Path | None = None) -> None:
        newer = tools.find("java-21") and tools.find("opensearch")
        self.plugins = PLUGINS if newer else OLDER_PLUGINS
        self.java = tools.require("java-21" if newer else "java-17")
        self.library = tools.require("opensearch" if newer else "opensearch-2").parent
        super().__init__("opensearch")
        self.port, self.transport = free_ports(2)
        self.url = f"http://{LOCALHOST}:{self.port}"
        self.repositories = repositories or self.directory / "repositories"
        self.repositories.mkdir(exist_ok=True)
        (self.directory / "config").mkdir()
        self.log = self.directory / "server.log"
        self.process: Process | None = None

    def start(self) -> None:
        """Start, and wait until the node answers."""
        settings = {
            "path.repo": self.repositories,
            "http.port": self.port,
            "http.host": LOCALHOST,
            "transport.port": self.transport,
            "transport.host": LOCALHOST,
            "transport.type": "netty4",
            "http.type": "netty4",
            "discovery.type": "single-node",
            "cluster.name": "acceptance",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        node = Path(__file__).with_name("SearchNode.java")
        words = [f"{name}={value}" for name, value in settings.items()]
        command: Words = [
            self.java,
            *JVM,
            # the S3 plug-in looks for profiles of AWS there, and fails if it is not told where
            f"-Dopensearch.path.conf={self.directory / 'config'}",
            "-cp",
            f"{self.library}/*",
            node,
            self.directory,
            *words,
            *self.plugins,
        ]
        self.process = Process(command, log=self.log).wait(self.ready, "OpenSearch", seconds=90)

    def ready(self) -> bool:
        """Tell whether the node has a cluster to work in."""
        try:
            return (
                self.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")[0] == 200
            )
        except OSError:
            return False

    def stop(self) -> None:
        """Stop in the orderly way."""
        if self.process is not None:
            self.process.stop()

    def kill(self) -> None:
        """End the node as a power failure would."""
        if self.process is not None:
            self.process.kill()

    def request(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        """Send JSON, and return the status and the JSON of the answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        # the address is our own
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())
