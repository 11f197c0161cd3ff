"""Java programs from Maven Central, and a Java that is new enough for them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.tools.model import UnobtainableError, cache, run

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example.invalid</groupId>
  <artifactId>tools</artifactId>
  <version>1</version>
  <dependencies>
{dependencies}
  </dependencies>
</project>
"""
DEPENDENCY = """\
    <dependency>
      <groupId>{}</groupId>
      <artifactId>{}</artifactId>
      <version>{}</version>
    </dependency>"""


@dataclass(frozen=True)
class Jars:
    """Artifacts with everything that they depend on, in one folder `lib`."""

    label: str
    artifacts: tuple[str, ...]
    """group, name and version, with colons between"""

    def obtain(self) -> Path:
        """Download, unless that is done."""
        root = cache() / self.label
        complete = root / ".complete"
        if not complete.exists():
            root.mkdir(parents=True, exist_ok=True)
            lines = [DEPENDENCY.format(*artifact.split(":")) for artifact in self.artifacts]
            (root / "pom.xml").write_text(POM.format(dependencies="\n".join(lines)))
            goal = ["dependency:copy-dependencies", f"-DoutputDirectory={root / 'lib'}"]
            run(self.label, ["mvn", "--batch-mode", "--quiet", *goal], seconds=300, cwd=root)
            complete.touch()
        return root


@dataclass(frozen=True)
class Java:
    """A Java development kit that the machine has; none is fetched."""

    oldest: int

    @property
    def label(self) -> str:
        """Name the source in the record and in the names of logs."""
        return f"java-{self.oldest}"

    def obtain(self) -> Path:
        """Return the home of the first kit that is new enough."""
        for java in sorted(Path("/usr/lib/jvm").glob("*/bin/java")):
            said = subprocess.run([java, "-version"], capture_output=True, check=False, text=True)
            number = re.search(r'version "(\d+)', said.stderr)
            if number and int(number[1]) >= self.oldest:
                return java.parents[1]
        raise UnobtainableError(f"no Java {self.oldest} or newer under /usr/lib/jvm")
