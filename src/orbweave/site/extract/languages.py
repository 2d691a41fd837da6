"""The languages a site speaks, as its pages declare them."""

from __future__ import annotations

import re

from orbweave.site.document import Document

_CODE = re.compile(r"[a-z]{2,3}\Z")


def languages(document: Document) -> list[str]:
    """ISO 639 codes, the page's own first."""
    declared = [document.lang, document.metas.get("content-language", ""), document.metas.get("og:locale", "")]
    declared[1:2] = declared[1].split(",")
    declared += [language for language, _ in document.alternates]
    codes = (re.split(r"[-_]", text.strip().lower())[0] for text in declared)
    return list(dict.fromkeys(code for code in codes if _CODE.match(code)))
