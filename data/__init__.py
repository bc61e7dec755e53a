"""The project's knowledge as data: forms, rules, sources, corrections and samples.

No code; reviewed like code.
"""
