"""Benchmarks: each module here has ``measure()``; ``python -m tests.bench`` runs them all."""
