"""Settings handed down: tier, cluster defaults, policy, dataset, each winning over the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bpc.diagnostics import Where
from bpc.model.copies import Copies
from bpc.model.objectives import Drills, Objective, Settings
from bpc.model.retention import Retention
from bpc.plan.estate import Origin

DEFAULT = "default"
DEFAULT_RUN = 1_800
DEFAULT_START = 600
"""Half an hour to run and ten minutes to start: enough for small datasets, and said in the reference."""
DEFAULT_ZONE = "UTC"
_BUILT_IN = Origin("built into bpc", None)


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that sets something; `source` reads like `tier gold`."""

    source: str
    settings: Settings
    where: Where


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds after all layers have spoken, and where each of it came from.

    `origins` has one chain for each value, such as `limits.run`: the deciding place first, then those
    that it overrode.
    """

    objectives: Mapping[str, Objective]
    copies: Copies
    retention: Retention | None
    drills: Drills
    run_limit: int
    start_limit: int
    zone: str
    origins: Mapping[str, tuple[Origin, ...]]

    def origin(self, name: str) -> Origin:
        """Return the place that decided a value."""
        return self.origins.get(name, (_BUILT_IN,))[0]


def settle(layers: Sequence[Layer]) -> Settled:
    """Let each layer win over those before it; layers come from the most general to the most particular."""
    origins: dict[str, tuple[Origin, ...]] = {}
    objectives = _objectives(layers, origins)
    limits = _fields(layers, "limits", ("run", "start"), origins)
    drills = _fields(layers, "drills", ("restore", "full", "cross_region"), origins)
    copies = _whole(layers, "copies", origins)
    retention = _whole(layers, "retention", origins)
    zone = _whole(layers, "time_zone", origins)
    for name in ("run", "start"):
        origins.setdefault(f"limits.{name}", (_BUILT_IN,))
    return Settled(
        objectives=objectives,
        copies=copies if isinstance(copies, Copies) else Copies(),
        retention=retention if isinstance(retention, Retention) else None,
        drills=Drills().model_copy(update=drills),
        run_limit=limits.get("run", DEFAULT_RUN),
        start_limit=limits.get("start", DEFAULT_START),
        zone=zone if isinstance(zone, str) else DEFAULT_ZONE,
        origins=origins,
    )


def _record(
    origins: dict[str, tuple[Origin, ...]], name: str, layer: Layer, *steps: str | int
) -> None:
    origin = Origin(layer.source, layer.where.at(*steps))
    origins[name] = (origin, *origins.get(name, ()))


def _whole(
    layers: Iterable[Layer], field: str, origins: dict[str, tuple[Origin, ...]]
) -> object | None:
    key = Settings.model_fields[field].alias or field
    found: object | None = None
    for layer in layers:
        value = getattr(layer.settings, field)
        if value is not None:
            found = value
            _record(origins, key, layer, key)
    return found


def _fields(
    layers: Iterable[Layer],
    group: str,
    fields: Sequence[str],
    origins: dict[str, tuple[Origin, ...]],
) -> dict[str, int]:
    found: dict[str, int] = {}
    for layer in layers:
        part = getattr(layer.settings, group)
        if part is None:
            continue
        for field in fields:
            value = getattr(part, field)
            if value is not None:
                key = type(part).model_fields[field].alias or field
                found[field] = value
                _record(origins, f"{group}.{key}", layer, group, key)
    return found


def _objectives(
    layers: Iterable[Layer], origins: dict[str, tuple[Origin, ...]]
) -> dict[str, Objective]:
    found: dict[str, dict[str, int]] = {DEFAULT: {}}
    for layer in layers:
        for scenario, objective in layer.settings.objectives.items():
            for field in ("rpo", "rto", "detection"):
                value = getattr(objective, field)
                if value is not None:
                    found.setdefault(scenario, {})[field] = value
                    _record(
                        origins,
                        f"objectives.{scenario}.{field}",
                        layer,
                        "objectives",
                        scenario,
                        field,
                    )
    general = found[DEFAULT]
    return {
        scenario: Objective().model_copy(update=general | values)
        for scenario, values in sorted(found.items())
    }
