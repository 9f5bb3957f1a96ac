"""The suites: plans of calls, made from the specification and what a driver offers, before the driver is called."""
