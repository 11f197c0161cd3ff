"""Whether the cluster would accept what was made for it. If not, the mistake is ours."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Finding
from bpc.pipeline import codes
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.validate import Target, Validator, kubernetes_minors, validator


def judge_for(plan: ClusterPlan) -> Validator:
    """Return the validator for a cluster's releases; ValueError if Kubernetes' is not known."""
    addons = plan.spec.addons
    return validator(
        Target(
            kubernetes=plan.kubernetes.series,
            velero=addons.velero,
            snapshotter=addons.snapshotter,
            flux=addons.flux,
            argocd=addons.argocd,
            cnpg=addons.cnpg,
        )
    )


def unsupported(plan: ClusterPlan) -> Finding:
    """Return the finding for a cluster whose Kubernetes is not known."""
    minors = kubernetes_minors()
    return Finding(
        codes.UNSUPPORTED_KUBERNETES,
        f"cluster `{plan.name}` runs Kubernetes {plan.kubernetes.series}, and bpc knows "
        f"{minors[0]} to {minors[-1]}",
        plan.where.at("spec", "kubernetes"),
        help=f'use a release from "{minors[0]}" to "{minors[-1]}"',
        subject=plan.name,
    )


def judge(artifact: Artifact, judge_of: Validator) -> Iterator[Finding]:
    """Yield a finding for everything about an object that the cluster would refuse."""
    if artifact.data is None:
        return
    for fault in judge_of.check(artifact.data, artifact.privileges):
        place = "/".join(str(step) for step in fault.pointer)
        yield Finding(
            codes.INVALID_OUTPUT,
            f"`{artifact.path}` would be refused at `{place}`: {fault.message}",
            artifact.where,
            label="made from this",
            help=f"report this mistake of bpc; it comes from the template `{artifact.template}`",
            subject=artifact.owner,
        )
