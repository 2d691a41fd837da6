"""The work that the peers do on a page: the links that stay on its host, and one regular expression for e-mails."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

EMAIL = re.compile(r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+")
FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".pdf", ".zip", ".doc", ".docx", ".xls", ".xlsx", ".mp4")


def is_page_of(url: str, host: str) -> bool:
    parts = urlsplit(url)
    return parts.netloc == host and parts.scheme in ("http", "https") and not parts.path.lower().endswith(FILES)
