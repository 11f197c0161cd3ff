"""OpenSSH, through which git reads and writes repositories."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance import tools
from tests.acceptance.servers.process import (
    LOCALHOST,
    Process,
    Server,
    call,
    free_ports,
    listening,
)

SETTINGS = """\
ListenAddress {address}
Port {port}
HostKey {directory}/host
PidFile none
AuthorizedKeysFile {directory}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""


class SshServer(Server):
    """A server that lets the bearer of one key run git, and nothing else."""

    def __init__(self, host: str) -> None:
        self.sshd = tools.require("sshd")
        tools.require("ssh")
        super().__init__("ssh")
        (self.port,) = free_ports(1)
        for name in ("host", "client", "other"):
            call(
                [
                    *("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f"),
                    self.directory / name,
                ]
            )
        shell = 'command="git shell -c \\"$SSH_ORIGINAL_COMMAND\\"",restrict '
        self.write("authorized", shell + self.read("client.pub"))
        self.write(
            "settings",
            SETTINGS.format(address=LOCALHOST, port=self.port, directory=self.directory),
        )
        self.known_hosts = f"[{host}]:{self.port} {self.read('host.pub')}"
        self.key = self.read("client")
        self.process: Process | None = None

    def read(self, name: str) -> str:
        """Return what a file of the server holds."""
        return (self.directory / name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file of the server."""
        (self.directory / name).write_text(text, encoding="utf-8")

    def start(self) -> None:
        """Start, and return when the port is open."""
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command: list[str | Path] = [self.sshd, "-D", "-e", "-f", self.directory / "settings"]
        self.process = Process(command, log=self.directory / "log")
        self.process.wait(lambda: listening(self.port), "sshd")

    def stop(self) -> None:
        """Stop taking connections."""
        if self.process is not None:
            self.process.stop()
