"""Every kind of document, and the models that read them."""

from __future__ import annotations

from bpc.model.cluster import Cluster
from bpc.model.drill import DrillRecord
from bpc.model.location import Location
from bpc.model.policy import BackupPolicy
from bpc.model.scenario import Scenario
from bpc.model.tier import Tier
from bpc.model.waiver import Waiver

AnyDocument = Cluster | Location | Tier | BackupPolicy | Scenario | Waiver | DrillRecord

KINDS: dict[str, type[AnyDocument]] = {
    "Cluster": Cluster,
    "Location": Location,
    "Tier": Tier,
    "BackupPolicy": BackupPolicy,
    "Scenario": Scenario,
    "Waiver": Waiver,
    "DrillRecord": DrillRecord,
}
"""The kinds of document by name, in the order in which people meet them."""
