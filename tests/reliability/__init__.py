"""Programs that try for long what the tests try a few times: run by hand, and for `reports/reliability.md`."""
