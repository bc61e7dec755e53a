"""Guarded requests: addresses, robots, pace, bodies, the browser."""
