"""Rows -> files: one module per format, always streaming."""
