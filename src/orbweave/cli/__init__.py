"""The orbweave command."""
