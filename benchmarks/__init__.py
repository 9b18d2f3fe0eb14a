"""Benchmarks: each against its limit or a peer in the same run; by hand, never in CI. `python -m benchmarks`."""
