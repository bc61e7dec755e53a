"""Files that chance or malice has damaged, made anew from a seed."""
