"""Proofs for any length, shortest counterexamples, and what is vacuous."""
