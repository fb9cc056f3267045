"""Data shapes, ids and events that every other room speaks in. No logic, no I/O."""
