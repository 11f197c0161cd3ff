"""Which datasets are this back end's."""

from __future__ import annotations

from bpc.model.datasets.search import Elasticsearch, Opensearch
from bpc.plan.estate import DatasetPlan


def own(dataset: DatasetPlan) -> Elasticsearch | Opensearch | None:
    """Return what a dataset says of itself, unless an operator or somebody else looks after it."""
    spec = dataset.spec
    if not isinstance(spec, Elasticsearch | Opensearch) or spec.connection is None:
        return None
    if spec.held_by is not None or getattr(spec, "managed_by", None) is not None:
        return None
    return spec
