"""Figures that the prose states, and how alike two texts are."""
