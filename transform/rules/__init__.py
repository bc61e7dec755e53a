"""The rules of data/rules: loading, evaluating in SQL, corrections."""
