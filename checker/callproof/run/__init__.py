"""Putting the engines together: findings come out as data, and nothing is printed.

Nothing is imported here: `run.check` finds a kept result again without the engines.
"""
