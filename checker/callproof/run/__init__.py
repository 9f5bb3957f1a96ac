"""Putting the engines together: findings come out as data, and nothing is printed."""

from callproof.run.check import Request, check

__all__ = ["Request", "check"]
