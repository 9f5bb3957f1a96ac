"""Driving an implementation: a process that speaks JSON Lines, whatever language it is written in."""
