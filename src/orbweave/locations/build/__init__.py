"""Writes the packaged data of ``orbweave.locations``; needs the extra ``build`` (see docs/data.md)."""
