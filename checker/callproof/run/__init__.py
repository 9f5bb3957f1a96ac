"""Putting the engines together: findings come out as data, and nothing is printed."""

from callproof.run.certifying import Certificate
from callproof.run.check import check
from callproof.run.request import ENGINES, Request

__all__ = ["ENGINES", "Certificate", "Request", "check"]
