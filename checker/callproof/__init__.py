"""callproof: formal specification and model checker for stateful driver APIs."""

__version__ = "0.1.0"
