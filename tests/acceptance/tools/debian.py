"""Tools from Debian: installed, or unpacked beside the system from a newer release."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from tests.acceptance.tools.model import UnobtainableError, cache, run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def installed(package: str) -> bool:
    """Tell whether a package is installed and complete."""
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    answer = subprocess.run(asked, capture_output=True, check=False, text=True)
    return answer.returncode == 0 and answer.stdout == "installed"


@once
def refresh() -> None:
    """Fetch the package lists once for each installation."""
    run("apt", ["apt-get", "update", "-qq"], seconds=180)


@dataclass(frozen=True)
class Installed:
    """Packages of the release that the machine runs."""

    packages: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name the source in the record and in the names of logs."""
        return f"apt-{self.packages[0]}"

    def obtain(self) -> Path:
        """Install the packages that are not there yet."""
        wanted = [package for package in self.packages if not installed(package)]
        if wanted:
            if os.geteuid():
                raise UnobtainableError(f"only root can install {' '.join(wanted)}")
            refresh()
            run(
                self.label,
                ["apt-get", "install", "--yes", "--no-install-recommends", *wanted],
                seconds=600,
                environment={"DEBIAN_FRONTEND": "noninteractive"},
            )
        return Path("/")


@dataclass(frozen=True)
class Unpacked:
    """Packages of another release, unpacked into the cache; the system is not touched.

    Statically linked programs run as they are. For the others, `closed` fetches everything that the
    packages depend on as well, and `wrapped` names the programs for which `bin/` gets a starter that
    uses the libraries so fetched rather than those of the system.
    """

    suite: str
    packages: tuple[str, ...]
    directory: str
    closed: bool = False
    wrapped: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name the source in the record and in the names of logs."""
        return self.directory

    def obtain(self) -> Path:
        """Download and unpack, unless that is done."""
        root = cache() / self.directory
        complete = root / f".complete-{'-'.join(self.packages)}"
        if not complete.exists():
            for package in self.download():
                run(self.label, ["dpkg", "-x", package, root], seconds=120)
                package.unlink()
            for program in self.wrapped:
                wrap(root, program)
            complete.touch()
        return root

    def download(self) -> list[Path]:
        """Fetch the packages with lists, state and cache of their own."""
        place = cache() / "apt" / self.suite
        settings = configuration(self.suite, place)
        archives = place / "cache" / "archives"
        shutil.rmtree(archives, ignore_errors=True)
        (archives / "partial").mkdir(parents=True)
        update(self.suite, settings)
        command = ["install", "--yes", "--download-only"] if self.closed else ["download"]
        run(
            self.label,
            ["apt-get", *command, "--no-install-recommends", *self.packages],
            seconds=300,
            cwd=archives,
            environment={"APT_CONFIG": str(settings)},
        )
        return sorted(archives.glob("*.deb"))


@once
def update(suite: str, settings: Path) -> None:
    """Fetch the lists of another release once for each installation."""
    run(
        f"apt-{suite}",
        ["apt-get", "update"],
        seconds=180,
        environment={"APT_CONFIG": str(settings)},
    )


def configuration(suite: str, place: Path) -> Path:
    """Write an apt configuration that knows one suite and believes that nothing is installed."""
    (place / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (place / "status").touch()
    (place / "sources.list").write_text(
        f"deb [signed-by={KEYRING}] http://deb.debian.org/debian {suite} main\n"
    )
    settings = place / "apt.conf"
    settings.write_text(
        f'Dir::Etc::sourcelist "{place}/sources.list";\n'
        'Dir::Etc::sourceparts "-";\n'
        f'Dir::State "{place}";\n'
        f'Dir::State::lists "{place}/lists";\n'
        f'Dir::State::status "{place}/status";\n'
        f'Dir::Cache "{place}/cache";\n'
        # the cache is in root's home, which the user `_apt` cannot enter
        'APT::Sandbox::User "root";\n'
        # mirrors that lag behind a rolling suite serve lists past their date
        'Acquire::Check-Valid-Until "false";\n'
    )
    return settings


def wrap(root: Path, program: str) -> None:
    """Write a starter that runs a program with the loader and the libraries beside it.

    Paths are relative to the starter, so the whole directory can be mounted elsewhere.
    """
    starter = root / "bin" / Path(program).name
    starter.parent.mkdir(exist_ok=True)
    starter.write_text(
        "#!/bin/sh\n"
        'root=$(dirname "$(dirname "$(readlink -f "$0")")")\n'
        "libraries=$root/usr/lib/x86_64-linux-gnu\n"
        'exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" '
        f'"$root/{program}" "$@"\n'
    )
    starter.chmod(0o700)
    starter.chmod(starter.stat().st_mode | 0o055)
