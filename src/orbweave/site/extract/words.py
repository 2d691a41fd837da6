"""The words that imprints are read by: ``data/company_words.json``."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any

import orjson


@lru_cache(maxsize=1)
def company_words() -> dict[str, Any]:
    """vat_labels (country -> words), register_labels (likeliest first), legal_forms and legal_forms_before (country ->
    forms behind and before a name), managers (language -> titles), responsible (what names somebody
    without a title), name_labels, courts, vendors."""
    text = resources.files("orbweave.site").joinpath("data/company_words.json").read_bytes()
    found: dict[str, Any] = orjson.loads(text)
    return found
