"""A trace as something else: what other tools read, and programs and tests that make its calls again."""

from callproof.reproduce.targets import TARGETS, converted

__all__ = ["TARGETS", "converted"]
