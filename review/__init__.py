"""What people get to see: verdicts, explanations and summaries in words."""
