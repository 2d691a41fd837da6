"""Named queries: ``sql("jobs/begin_maps")`` is the text of ``queries/jobs/begin_maps.sql``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def sql(name: str) -> str:
    return (files("orbweave.store") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
