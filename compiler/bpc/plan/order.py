"""Order between the jobs of one policy: who waits for whom, as minutes of difference."""

from __future__ import annotations

from collections.abc import Mapping

from bpc.diagnostics import Finding
from bpc.model.policy import BackupPolicy
from bpc.plan import codes
from bpc.plan.estate import Slot
from bpc.plan.schedule import moved
from bpc.plan.shared import Declared, unknown
from bpc.plan.spread import slot_of

STEP = 10
"""How many minutes a dataset starts after the one that it waits for."""


def ordered_slots(
    policy: Declared[BackupPolicy], slots: Mapping[str, Slot], findings: list[Finding]
) -> dict[str, Slot]:
    """Return the slot of each dataset by name; one that waits starts after those it waits for."""
    after = _wishes(policy, findings)
    found: dict[str, Slot] = {}
    waiting = dict(after)
    while waiting:
        ready = [name for name, others in waiting.items() if all(o in found for o in others)]
        if not ready:
            findings.append(_cycle(policy, sorted(waiting)))
            ready = sorted(waiting)
        for name in ready:
            subject = f"{policy.name}/{name}"
            own = slots.get(subject) or slot_of(subject)
            latest = max(
                (found[other] for other in waiting.pop(name) if other in found),
                key=lambda slot: (slot.hour, slot.minute),
                default=None,
            )
            found[name] = own if latest is None else moved(latest, STEP)
    return found


def _wishes(policy: Declared[BackupPolicy], findings: list[Finding]) -> dict[str, tuple[str, ...]]:
    datasets = policy.document.spec.datasets
    names = [dataset.name for dataset in datasets]
    for index, dataset in enumerate(datasets):
        findings += [
            unknown(
                "dataset",
                other,
                names,
                policy.where.at("spec", "datasets", index, "after", place),
                f"{policy.name}/{dataset.name}",
            )
            for place, other in enumerate(dataset.after)
            if other not in names
        ]
    return {
        dataset.name: tuple(other for other in dataset.after if other in names)
        for dataset in datasets
    }


def _cycle(policy: Declared[BackupPolicy], names: list[str]) -> Finding:
    datasets = policy.document.spec.datasets
    index = next(i for i, dataset in enumerate(datasets) if dataset.name in names and dataset.after)
    return Finding(
        codes.ORDER_CYCLE,
        f"datasets wait for each other: {', '.join(f'`{name}`' for name in names)}",
        policy.where.at("spec", "datasets", index, "after"),
        help="remove one of the names under `after`",
        subject=policy.name,
    )
