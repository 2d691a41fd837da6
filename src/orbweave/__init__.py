"""Orbweave: open, self-hosted lead generation."""

__version__ = "0.1.0"
