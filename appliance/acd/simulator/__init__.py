"""The floor on simulated time: load test, staffing what-if and proof of fairness in one."""
