"""Callfloor: a whole call centre for one floor in a small box."""

__version__ = "0.1.0"
