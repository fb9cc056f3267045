"""Queues and agents: who waits, who is free, who is rung. Pure machines behind `floor.Floor`."""
