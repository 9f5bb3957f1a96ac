"""Handing out work: a campaign is a list of tasks that any `concurrent.futures.Executor` runs, here or elsewhere."""

from callproof.work.campaign import Campaign, Said, in_process
from callproof.work.tasks import Lost, Task

__all__ = ["Campaign", "Lost", "Said", "Task", "in_process"]
