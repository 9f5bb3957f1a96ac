"""Stepping through a specification call by call: what can be called, what cannot and why, and how it could be."""

from callproof.explore.walk import Offer, Refusal, Taken, Walk

__all__ = ["Offer", "Refusal", "Taken", "Walk"]
