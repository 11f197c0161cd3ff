"""Validation of generated objects: schemas, closed models, and the rules that neither holds.

What fails here is a defect of the compiler, not of the policy: the pipeline reports it as such.
"""

from bpc.validate.checks import Validator, validator
from bpc.validate.fault import Fault
from bpc.validate.kubernetes import kubernetes_minors
from bpc.validate.resource import Target
from bpc.validate.security import pod_security

__all__ = ["Fault", "Target", "Validator", "kubernetes_minors", "pod_security", "validator"]
