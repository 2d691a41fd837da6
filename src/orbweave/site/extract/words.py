"""The words that imprints are read by: ``data/company_words.json``."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import orjson

from orbweave.site.kinds import fold

# Kinds of pages whose text speaks of the business itself.
LEGAL_PAGES = ("imprint", "contact", "about", "terms", "privacy", "team")
# Combining marks are parts of words.
NOT_WORD = re.compile(r"[^\w\u0300-\u036f\u0900-\u0d7f]+")


class Finding(NamedTuple):
    """One of a company's fields, and how and where it was found."""

    field: str
    value: str
    method: str
    context: str = ""


def squeezed(text: str) -> str:
    """Letters and digits only, without case and accents."""
    return "".join(re.findall(r"\w", fold(text)))


@lru_cache(maxsize=1)
def company_words() -> dict[str, Any]:
    """vat_labels (country -> words), register_labels (likeliest first), legal_forms and legal_forms_before (country ->
    forms behind and before a name), connectors (small words within names), managers (language -> titles), responsible
    (what names somebody without a title), name_labels, courts, vendors."""
    text = resources.files("orbweave.site").joinpath("data/company_words.json").read_bytes()
    found: dict[str, Any] = orjson.loads(text)
    return found
