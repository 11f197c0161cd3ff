"""Recovery objectives per scenario, drills, limits, and the settings that documents inherit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bpc.model.base import Count, Name, Spec
from bpc.model.copies import Copies
from bpc.model.retention import Retention
from bpc.model.scalars import Duration

SCENARIOS = (
    "pod-failure",
    "node-failure",
    "control-plane-loss",
    "cluster-loss",
    "region-loss",
    "operator-error",
    "corruption",
    "ransomware",
    "account-loss",
    "provider-outage",
    "tooling-loss",
    "key-loss",
    "storage-failure",
)
"""The disasters that every policy may name without declaring them."""

DrillInterval = Literal["weekly", "monthly", "quarterly", "half-yearly", "yearly", "never"]


class Objective(Spec):
    """What one disaster may cost."""

    rpo: Duration | None = None
    """Recovery point objective: how much of the latest work may be lost."""
    rto: Duration | None = None
    """Recovery time objective: how long until the data is in use again."""
    detection: Duration | None = None
    """How long the damage may go unnoticed; counts for corruption and ransomware."""


class Drills(Spec):
    """How often each kind of restore is rehearsed."""

    restore: DrillInterval | None = None
    """A dataset restored beside the live one."""
    full: DrillInterval | None = None
    """A whole cluster rebuilt from its copies."""
    cross_region: DrillInterval | None = Field(default=None, alias="cross-region")
    """A whole cluster rebuilt in another region."""


class Limits(Spec):
    """Bounds that the generated jobs enforce, and on which the worst loss is computed."""

    run: Duration | None = None
    """The longest that one run may take (`activeDeadlineSeconds`)."""
    start: Duration | None = None
    """The latest that a run may start after its time (`startingDeadlineSeconds`)."""


class Guardrails(Spec):
    """What no cluster, policy or dataset of this tier may weaken."""

    rpo: Duration | None = None
    """The greatest recovery point objective that may be set."""
    retention: Duration | None = None
    """The least time that the oldest point must be kept."""
    copies: Count | None = Field(default=None, ge=1)
    """The least number of copies beside the production data."""


class Settings(Spec):
    """What a tier, a cluster, a policy and a dataset may each set; the later ones win.

    The order is tier, cluster defaults, policy, dataset. Objectives merge by scenario and field,
    drills and limits by field; copies and retention are replaced whole.
    """

    objectives: dict[Name, Objective] = {}
    """What each disaster may cost; `default` holds for the scenarios that are not named."""
    copies: Copies | None = None
    """Where the copies go, and the rule that they must satisfy."""
    retention: Retention | None = None
    """How many points are kept, and for how long."""
    drills: Drills | None = None
    """How often restores are rehearsed."""
    limits: Limits | None = None
    """How long a run may take and how late it may start."""
    time_zone: str | None = None
    """The IANA zone of schedules that name none; `UTC` unless set."""
