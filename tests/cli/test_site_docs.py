"""The script in docs/site.md does what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_library_is_usable_from_the_script_in_its_documentation(practice: dict[str, str]) -> None:
    code = re.search(r"```python\n(.+?)```", (DOCS / "site.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code
    script = code[1].replace('NetSettings(user_agent="Example/1 (+https://your.site)")', "NetSettings.of(load())")
    script = f"from orbweave.config import load\n{script.replace('example.com', 'www.site-000001.test')}"
    ran = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **practice}, capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("success ['")
