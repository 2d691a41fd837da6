"""Archives that are the same bytes for the same members."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path


def write(archive: Traversable, members: Mapping[str, bytes]) -> int:
    """The size of the archive in bytes."""
    path = Path(str(archive))
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_LZMA
            file.writestr(info, content)
    return path.stat().st_size
