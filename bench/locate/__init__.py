"""How well the wrong cell is named: a simulator of reports and faults, and what `transform.locate`
makes of them.
"""
