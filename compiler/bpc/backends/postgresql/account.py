"""The least that the account of a backup job needs, as SQL."""

from __future__ import annotations

from bpc.model.datasets.postgresql import Postgresql

_DUMP = """\
create role backup login password '…' in role pg_read_all_data;
alter role backup set lo_compat_privileges = on;"""
_PHYSICAL = "create role backup login replication password '…';"
_ARCHIVE = """\
alter system set max_slot_wal_keep_size = '20GB';
select pg_reload_conf();"""


def account_sql(spec: Postgresql) -> str:
    """Return the statements for the method of a dataset; the account is called `backup` in them."""
    if spec.method == "dump":
        return _DUMP
    return "\n".join([_PHYSICAL, _ARCHIVE]) if spec.wal_archive else _PHYSICAL
