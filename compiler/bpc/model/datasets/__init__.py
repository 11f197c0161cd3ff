"""Every kind of dataset. A new one is a module here and a line in the union."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bpc.model.datasets.base import Dataset
from bpc.model.datasets.etcd import Etcd
from bpc.model.datasets.git import Git
from bpc.model.datasets.mongodb import Mongodb
from bpc.model.datasets.mysql import Mariadb, Mysql
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.datasets.postgresql import Postgresql
from bpc.model.datasets.redis import Redis
from bpc.model.datasets.resources import Resources
from bpc.model.datasets.search import Elasticsearch, Opensearch
from bpc.model.datasets.volumes import Volumes

AnyDataset = Annotated[
    Etcd
    | Namespaces
    | Volumes
    | Mysql
    | Mariadb
    | Postgresql
    | Mongodb
    | Redis
    | Elasticsearch
    | Opensearch
    | Resources
    | Git,
    Field(discriminator="type"),
]
"""One of the kinds of dataset."""

__all__ = ["AnyDataset", "Dataset"]
