"""Jobs of bpc's own: what reads data out, copies it, looks after the copies, and brings it back.

A back end says in a `Workload` how one dataset is read, checked and written back; everything else (the copy
engines, schedules, permissions, records, restore jobs) is here, and the same for all of them.
"""

from bpc.jobs.backend import JobBackend
from bpc.jobs.workload import Container, File, Grant, Mount, Workload

__all__ = ["Container", "File", "Grant", "JobBackend", "Mount", "Workload"]
