"""Rules for the kinds that run pods."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import zone_names
from bpc.diagnostics import Pointer
from bpc.validate.fault import Fault, Manifest, shorten
from bpc.validate.metadata import label_faults
from bpc.validate.pods import pod_faults
from bpc.validate.schedules import is_cron, never_runs
from bpc.validate.security import pod_security

_POLLING_SECONDS = 10  # the controller looks this often, so a shorter deadline can pass unseen
_CONCURRENCY = (None, "Allow", "Forbid", "Replace")
_ONCE = ("Never", "OnFailure")
_TEMPLATED = frozenset({"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"})


def workload_faults(manifest: Manifest, privileges: frozenset[str]) -> Iterator[Fault]:
    """Yield what is wrong with a workload; nothing for objects that run no pods."""
    kind = manifest["kind"]
    spec = manifest.get("spec") or {}
    if kind == "CronJob":
        yield from _cron_job(spec, privileges)
    elif kind == "Job":
        yield from _job(spec, ("spec",), privileges)
    elif kind == "Pod":
        yield from _pod(spec, ("spec",), privileges)
    elif kind in _TEMPLATED:
        yield from _template(
            spec.get("template") or {}, ("spec", "template"), privileges, ("Always",)
        )


def _cron_job(spec: Manifest, privileges: frozenset[str]) -> Iterator[Fault]:
    schedule = spec["schedule"]
    if not is_cron(schedule):
        yield Fault(("spec", "schedule"), f"`{shorten(schedule)}` is no cron string for a CronJob")
    elif never_runs(schedule) and not spec.get("suspend"):
        yield Fault(("spec", "schedule"), f"`{schedule}` never runs, and the job is not suspended")
    zone = spec.get("timeZone")
    if zone is not None and zone not in zone_names():
        yield Fault(("spec", "timeZone"), f"`{shorten(zone)}` is no time zone")
    if spec.get("concurrencyPolicy") not in _CONCURRENCY:
        at = ("spec", "concurrencyPolicy")
        yield Fault(at, f"`{spec['concurrencyPolicy']}` is not `Allow`, `Forbid` or `Replace`")
    deadline = spec.get("startingDeadlineSeconds")
    if deadline is None:
        yield Fault(("spec",), "missing field `startingDeadlineSeconds`")
    elif deadline < _POLLING_SECONDS:
        at = ("spec", "startingDeadlineSeconds")
        yield Fault(at, f"`{deadline}` is under 10 seconds: runs could be missed")
    at_job: Pointer = ("spec", "jobTemplate")
    template = spec["jobTemplate"]
    yield from label_faults(template.get("metadata") or {}, (*at_job, "metadata"))
    yield from _job(template.get("spec") or {}, (*at_job, "spec"), privileges)


def _job(spec: Manifest, at: Pointer, privileges: frozenset[str]) -> Iterator[Fault]:
    limit = spec.get("activeDeadlineSeconds")
    if limit is None or limit < 1:
        yield Fault((*at, "activeDeadlineSeconds"), "a job needs a limit of at least 1 second")
    yield from _template(spec.get("template") or {}, (*at, "template"), privileges, _ONCE)


def _template(
    template: Manifest, at: Pointer, privileges: frozenset[str], restart: tuple[str, ...]
) -> Iterator[Fault]:
    yield from label_faults(template.get("metadata") or {}, (*at, "metadata"))
    yield from _pod(template.get("spec") or {}, (*at, "spec"), privileges, restart)


def _pod(
    spec: Manifest,
    at: Pointer,
    privileges: frozenset[str],
    restart: tuple[str, ...] = ("Always", *_ONCE),
) -> Iterator[Fault]:
    yield from pod_faults(spec, at, restart)
    for fault in pod_security(spec, privileges):
        yield Fault((*at, *fault.pointer), fault.message)
