"""The orbweave command: a client of the HTTP API; serve, worker, db and the three services alone run in its process."""

from orbweave.cli.main import main

__all__ = ["main"]
