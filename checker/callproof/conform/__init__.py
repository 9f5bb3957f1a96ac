"""Testing a driver against a specification: what to call, what to expect, what was found."""
