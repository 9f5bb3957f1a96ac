"""Recorded calls against the contract: logs of any length, judged as they stream by."""

from callproof.monitor.outcomes import Blame, Finding, MonitorResult, Problem
from callproof.monitor.watch import Settings, monitor

__all__ = ["Blame", "Finding", "MonitorResult", "Problem", "Settings", "monitor"]
