"""The second pass: one policy at a time resolved, judged by the rules, rendered and validated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from bpc.backends import BACKENDS
from bpc.diagnostics import Finding, Where
from bpc.model.policy import BackupPolicy
from bpc.pipeline import codes as project_codes
from bpc.pipeline.books import Books
from bpc.pipeline.judge import judge, judge_for, unsupported
from bpc.pipeline.retarget import LOCATION, retargeted
from bpc.pipeline.sinks import Sink
from bpc.pipeline.verdicts import Verdicts
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, PolicyPlan
from bpc.plan.resolve import Surroundings, resolve
from bpc.plan.shared import Declared
from bpc.render import Renderer, TemplateError
from bpc.rules import CLUSTER_RULES, LOAD_RULES, POLICY_RULES
from bpc.validate import Validator


class Compilation:
    """Compiles policies for a set of clusters into a sink.

    Once a finding is an error nothing more is rendered, but every policy is still judged, so that one
    run reports all there is to report. `committed` returns a file of the output as it was before.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        clusters: Iterable[str],
        render: Renderer,
        books: Books,
        sink: Sink,
        verdicts: Verdicts,
        committed: Callable[[str], bytes | None],
    ) -> None:
        self._surroundings = surroundings
        self._clusters = {name: surroundings.clusters[name] for name in clusters}
        self._render = render
        self._books = books
        self._sink = sink
        self._verdicts = verdicts
        self._committed = committed
        self._judges: dict[str, Validator] = {}
        self._loads = {name: [Fraction(0)] * len(LOAD_RULES) for name in self._clusters}

    def begin(self) -> None:
        """Judge every cluster, and make what exists once for each."""
        for plan in self._clusters.values():
            try:
                self._judges[plan.name] = judge_for(plan)
            except ValueError:
                self._verdicts.take([unsupported(plan)])
            for rule in CLUSTER_RULES:
                self._verdicts.take(rule.check_cluster(plan))
        for plan in self._clusters.values():
            for backend in BACKENDS:
                self._take(plan, backend.cluster(plan, self._render), plan.where)

    def policy(self, policy: Declared[BackupPolicy]) -> None:
        """Compile one policy for each of its clusters."""
        plans, findings = resolve(policy, self._surroundings)
        self._verdicts.take(findings)
        for plan in plans:
            if plan.cluster.name in self._clusters:
                self._sink.witness(plan)
                for rule in POLICY_RULES:
                    self._verdicts.take(rule.check(plan))
                self._weigh(plan)
                for backend in BACKENDS:
                    self._take(plan.cluster, backend.policy(plan, self._render), plan.where)
                if not self._verdicts.failed:
                    self._books.add(plan)

    def end(self) -> None:
        """Make what needs all policies of a cluster to be known: its runbooks and lists of files."""
        for plan in self._clusters.values():
            for rule, total in zip(LOAD_RULES, self._loads[plan.name], strict=True):
                self._verdicts.take(rule.check_load(plan, total))
            if not self._verdicts.failed:
                self._take(plan, self._books.finish(plan), plan.where)

    def _weigh(self, plan: PolicyPlan) -> None:
        loads = self._loads[plan.cluster.name]
        for number, rule in enumerate(LOAD_RULES):
            loads[number] += rule.load(plan)

    def _take(self, plan: ClusterPlan, artifacts: Iterator[Artifact], where: Where) -> None:
        if self._verdicts.failed:
            return
        try:
            for artifact in artifacts:
                self._verdicts.take(judge(artifact, self._judges[plan.name]))
                if artifact.data is not None and artifact.data["kind"] == LOCATION:
                    committed = self._committed(f"{plan.name}/{artifact.path}")
                    self._verdicts.take(retargeted(artifact, artifact.data, committed))
                if self._verdicts.failed:
                    return
                self._books.note(plan.name, artifact)
                self._sink.add(plan.name, artifact)
        except TemplateError as error:
            self._verdicts.take(
                [
                    Finding(
                        project_codes.BROKEN_TEMPLATE,
                        str(error),
                        where,
                        help="report this mistake of bpc",
                        subject=plan.name,
                    )
                ]
            )
