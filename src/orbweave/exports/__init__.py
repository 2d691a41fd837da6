"""Rows -> files: one module per format, always streaming.

A row is a business of a campaign in the API's own names (``workflow-results``), with ``location_id``, ``search_string``
and ``display_name`` of its location.
"""

from orbweave.exports.csv import csv
from orbweave.exports.jsonl import jsonl

MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}

__all__ = ["MEDIA_TYPES", "csv", "jsonl"]
