"""How well the wrong cell is named: a simulator of reports and faults, and what
`transform.localize.localize` makes of them.
"""
