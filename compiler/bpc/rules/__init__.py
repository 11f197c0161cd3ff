"""What a policy can do that parses, resolves and is still wrong.

One module for each rule: its code stands beside the check that raises it, and its docstring is its page.
A new rule is a module, its test, and a line in one of the tuples at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan, PolicyPlan
from bpc.rules import (
    connection_missing,
    copies_not_made,
    copy_job_impossible,
    dataset_paused,
    default_location_unused,
    driver_parameter_ignored,
    driver_parameter_refused,
    driver_unknown,
    encryption_missing,
    etcd_control_plane_unknown,
    etcd_copy_impossible,
    etcd_image_unknown,
    etcd_is_managed,
    etcd_keys_missing,
    etcd_not_reachable,
    etcd_saved_twice,
    etcd_schedule_impossible,
    gitops_incomplete,
    gitops_release_too_old,
    group_snapshot_impossible,
    hook_without_counterpart,
    image_not_pinned,
    image_unknown,
    kind_not_exported,
    location_not_for_jobs,
    location_not_for_snapshots,
    location_not_for_velero,
    locations_share_a_folder,
    manual_with_objective,
    mongodb_without_oplog,
    more_snapshots_than_allowed,
    needs_newer_cnpg,
    needs_newer_velero,
    no_storage_for_snapshots,
    nothing_prunes,
    operator_keeps_copies,
    operator_not_supported,
    physical_copy_incomplete,
    physical_copy_takes_all,
    pruning_by_writer,
    redis_authority_missing,
    redis_larger_than_memory,
    repository_password_public,
    resources_without_kinds,
    retention_too_short,
    rpo_not_met,
    rung_coarser_than_its_name,
    schedule_days_either,
    schedule_drifts,
    schedule_in_clock_change,
    schedule_never_fires,
    schedule_not_for_server,
    schedule_oddly_written,
    schedule_steps_uneven,
    schedule_with_zone_prefix,
    secrets_not_chosen,
    server_files_unknown,
    setting_of_other_method,
    snapshot_class_conflict,
    snapshot_secret_missing,
    snapshotter_missing,
    ssh_key_missing,
    system_database_named,
    too_many_points,
    velero_missing,
    velero_queue_overloaded,
    velero_reads_other_days,
    velero_unknown,
    velero_untested_here,
    velero_value_outdated,
    velero_value_owned,
    velero_value_unknown,
    wal_archive_without_copy,
    zone_not_convertible,
)


class PolicyRule(Protocol):
    """A rule that looks at one policy on one cluster."""

    __name__: str
    __doc__: str | None
    CODE: Code

    def check(self, plan: PolicyPlan) -> Iterator[Finding]:
        """Yield what is wrong."""


class ClusterRule(Protocol):
    """A rule that looks at a cluster and what its datasets ask of it."""

    __name__: str
    __doc__: str | None
    CODE: Code

    def check_cluster(self, plan: ClusterPlan) -> Iterator[Finding]:
        """Yield what is wrong."""


class LoadRule(Protocol):
    """A rule that looks at what all policies of a cluster ask of it together."""

    __name__: str
    __doc__: str | None
    CODE: Code

    def load(self, plan: PolicyPlan) -> Fraction:
        """Return what one policy adds."""

    def check_load(self, plan: ClusterPlan, total: Fraction) -> Iterator[Finding]:
        """Yield what is wrong with the sum."""


POLICY_RULES: tuple[PolicyRule, ...] = (
    schedule_never_fires,
    schedule_steps_uneven,
    schedule_days_either,
    schedule_in_clock_change,
    schedule_oddly_written,
    schedule_drifts,
    schedule_with_zone_prefix,
    rpo_not_met,
    retention_too_short,
    copies_not_made,
    manual_with_objective,
    rung_coarser_than_its_name,
    too_many_points,
    dataset_paused,
    needs_newer_velero,
    velero_reads_other_days,
    zone_not_convertible,
    more_snapshots_than_allowed,
    group_snapshot_impossible,
    hook_without_counterpart,
    location_not_for_jobs,
    copy_job_impossible,
    connection_missing,
    server_files_unknown,
    setting_of_other_method,
    system_database_named,
    image_unknown,
    operator_not_supported,
    operator_keeps_copies,
    needs_newer_cnpg,
    schedule_not_for_server,
    location_not_for_snapshots,
    etcd_is_managed,
    etcd_control_plane_unknown,
    etcd_keys_missing,
    etcd_not_reachable,
    etcd_schedule_impossible,
    etcd_copy_impossible,
    etcd_image_unknown,
    redis_larger_than_memory,
    redis_authority_missing,
    mongodb_without_oplog,
    resources_without_kinds,
    kind_not_exported,
    secrets_not_chosen,
    ssh_key_missing,
    physical_copy_incomplete,
    physical_copy_takes_all,
    wal_archive_without_copy,
)
CLUSTER_RULES: tuple[ClusterRule, ...] = (
    locations_share_a_folder,
    gitops_incomplete,
    gitops_release_too_old,
    repository_password_public,
    image_not_pinned,
    velero_missing,
    velero_unknown,
    snapshotter_missing,
    velero_untested_here,
    no_storage_for_snapshots,
    snapshot_class_conflict,
    location_not_for_velero,
    driver_unknown,
    driver_parameter_refused,
    driver_parameter_ignored,
    snapshot_secret_missing,
    velero_value_outdated,
    velero_value_unknown,
    velero_value_owned,
    default_location_unused,
    encryption_missing,
    pruning_by_writer,
    nothing_prunes,
)
LOAD_RULES: tuple[LoadRule, ...] = (velero_queue_overloaded, etcd_saved_twice)
