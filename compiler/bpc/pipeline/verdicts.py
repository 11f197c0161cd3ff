"""What has been found so far, and whether it ends the rendering."""

from __future__ import annotations

from collections.abc import Iterable

from bpc.diagnostics import Finding, Severity
from bpc.pipeline.levels import Levels
from bpc.pipeline.waivers import Waivers
from bpc.plan import codes

_FOLLOWS_FROM_LOSS = {
    codes.UNKNOWN_REFERENCE,
    codes.NO_CLUSTER,
    codes.NO_LOCATION,
    codes.NO_RETENTION,
}


class Verdicts:
    """Collects findings; those that are waived, or switched off, do not count.

    With `lost`, a document could not be read: what may only follow from that is dropped.
    """

    def __init__(self, levels: Levels, waivers: Waivers, *, lost: bool) -> None:
        self._levels = levels
        self._waivers = waivers
        self._lost = lost
        self.findings: list[Finding] = []
        self.failed = False

    def take(self, findings: Iterable[Finding]) -> None:
        """Take note of findings."""
        for finding in findings:
            level = self._levels(finding.code)
            if level is None or self._waivers.cover(finding):
                continue
            if self._lost and finding.code in _FOLLOWS_FROM_LOSS:
                continue
            self.findings.append(finding)
            self.failed = self.failed or level is Severity.ERROR
