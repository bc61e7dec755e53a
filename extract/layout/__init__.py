"""Geometry shared by pdf, ofd and scan: ruled lines and characters to tables and text."""
