"""From an agency's site to raw files: where reports are listed, how they are fetched politely, and
where they are kept.
"""
