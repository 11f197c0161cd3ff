"""The shared scripts in a directory of their own, with a method that reads and writes files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bpc.render.scripts import load_script
from bpc.resources import templates

NAMES = ("engine.sh", "capture.sh", "backup.sh", "restore.sh", "copy.sh", "maintain.sh")
METHOD = r"""#!/bin/sh
set -eu
case $1 in
  check) echo "tool 1.0 \"quoted\"" ;;
  parts) ls "$DATA" ;;
  capture)
    cat "$DATA/$2"
    test "$BROKEN" != capture || exit 1
    ;;
  verify) tail -n 1 | grep -q '^end$' && test "$BROKEN" != verify ;;
  guard) test -z "$(ls "$LIVE")" || exit 3 ;;
  clear) rm -f "$LIVE"/* ;;
  restore) cat >"$LIVE/$2" ;;
  finish) ls "$LIVE" >&2 ;;
esac
"""


@dataclass
class Workshop:
    """Where the scripts run: `data` is what they back up, `live` what they restore to."""

    root: Path
    shell: str
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out the scripts and the stand-in for rclone."""
        for name in ("scripts", "bin", "data", "live", "store", "tmp"):
            (self.root / name).mkdir()
        for name in NAMES:
            text = load_script(templates(), f"_shared/scripts/{name}")
            (self.root / "scripts" / name).write_text(text, encoding="utf-8")
        (self.root / "scripts" / "method.sh").write_text(METHOD, encoding="utf-8")
        (self.root / "password").write_text("sesame\n", encoding="utf-8")
        fake = self.root / "bin" / "rclone"
        program = Path(__file__).with_name("fake_rclone.py")
        fake.write_text(
            f'#!/bin/sh\nexec {sys.executable} -S -E {program} "$@"\n', encoding="utf-8"
        )
        fake.chmod(0o755)
        self.environment = {
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            "TMPDIR": str(self.root / "tmp"),
            "CLUSTER": "prod",
            "POLICY": "shop",
            "DATASET": "orders",
            "LOCATION": "here",
            "ENGINE": "object",
            "METHOD": "dump",
            "STORE": f"store:{self.root / 'store'}",
            "ENCRYPTION_FILE": str(self.root / "password"),
            "AZURE_CREDENTIALS_FILE": "",
            "METRICS_FILE": "",
            "DATA": str(self.root / "data"),
            "LIVE": str(self.root / "live"),
            "BROKEN": "",
            "LADDER": "daily=604800",
            "FLOOR": "3",
            "GRACE": "172800",
            "SHARES": "7",
        }

    def put(self, **parts: str) -> None:
        """Set what there is to back up."""
        for name, text in parts.items():
            (self.root / "data" / name).write_text(text, encoding="utf-8")

    def run(self, script: str, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a script with changes of its environment."""
        return subprocess.run(
            [*self.shell.split(), str(self.root / "scripts" / script), *arguments],
            env={**self.environment, **changes},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def points(self) -> list[str]:
        """Return the ids of the points that can be chosen, oldest first."""
        return sorted(path.stem for path in (self.root / "store" / "records").glob("*.json"))

    def live(self) -> Mapping[str, str]:
        """Return what was restored."""
        return {path.name: path.read_text() for path in (self.root / "live").iterdir()}

    def forge(self, point: str) -> None:
        """Make a point of that id out of the newest one."""
        store = self.root / "store"
        newest = self.points()[-1]
        text = (store / "records" / f"{newest}.json").read_text()
        (store / "records" / f"{point}.json").write_text(text.replace(newest, point))
        folder = store / "objects" / point
        folder.mkdir()
        for path in (store / "objects" / newest).iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
