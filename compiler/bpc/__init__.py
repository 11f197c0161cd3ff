"""A backup-policy compiler for Kubernetes."""
