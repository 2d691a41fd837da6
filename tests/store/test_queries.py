"""Every query file is used, and every query used is a file."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path


def test_query_files_and_their_uses() -> None:
    package = Path(str(files("orbweave")))
    queries = package / "store" / "queries"
    there = {path.relative_to(queries).with_suffix("").as_posix() for path in queries.rglob("*.sql")}
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    used = {
        name
        for name in re.findall(r'"([a-z]+/[a-z_]+)"', code)
        if name.split("/")[0] in {p.split("/")[0] for p in there}
    }
    assert there == used & there, there - used
    called = set(re.findall(r'sql\("([a-z]+/[a-z_]+)"', code))
    assert called <= there, called - there
