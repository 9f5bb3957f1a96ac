"""Limits that several layers keep to; here, so that whoever only needs a number imports no engine."""

DEFAULT_BUDGET = 20_000_000
"""Z3 resource units for one query: the same on every machine, some ten seconds on one of 2026."""
RESOURCE_LIMIT = 8
"""The most resources of a kind that are taken literally."""
