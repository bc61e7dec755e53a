"""Guarded requests: policy, client, connections, throttle, bodies, the browser."""
