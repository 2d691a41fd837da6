"""The id tagging schema's presets and words in all its languages, written in the packaged form."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orbweave.locations import fold
from orbweave.maps.dictionary import ARCHIVE, KINDS
from orbweave.maps.osm import FEATURE_KEYS, is_feature

LEXICON = Path(__file__).parent.parent / "lexicon"
_TOO_GENERAL = {"amenity", "tourism", "leisure"}
_MERGED = {"nb": "no", "nn": "no", "tl": "fil"}


def build(schema: Path) -> str:
    """``schema``: the unpacked npm package. Returns a line saying what was written."""
    presets = json.loads((schema / "dist" / "presets.json").read_text())
    ids = [id_ for id_, preset in presets.items() if is_feature(preset["tags"]) and id_ not in _TOO_GENERAL]
    number = {id_: index for index, id_ in enumerate(ids)}
    categories = [(id_, *map(_compact, _alternatives(presets[id_]))) for id_ in ids]

    labels: dict[str, list[str]] = defaultdict(lambda: [""] * len(ids))
    words: dict[str, dict[tuple[int, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for lang, id_, kind, text in (*_schema_words(schema, number), *_lexicon_words(number)):
        if kind == "name" and not labels[lang][number[id_]]:
            labels[lang][number[id_]] = text
        if key := fold(text):
            words[key][number[id_], KINDS[kind]].add(lang)

    ARCHIVE_PATH = Path(str(ARCHIVE))
    ARCHIVE_PATH.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(ARCHIVE_PATH, "w", zipfile.ZIP_LZMA) as archive:
        _add(archive, "categories", ("\t".join(category) for category in categories))
        _add(archive, "words", (f"{key}\t{_hits(words[key])}" for key in sorted(words)))
        _add(archive, "stopwords", sorted(_stopwords()))
        for lang in sorted(labels):
            _add(archive, f"labels/{lang}", labels[lang])
    return f"{len(ids)} categories, {len(words)} words, {len(labels)} languages: {ARCHIVE_PATH.stat().st_size} bytes"


def _alternatives(preset: dict[str, Any]) -> list[dict[str, str]]:
    """Either tags make an object one of the preset: the old ones or the one that editors now add beside them."""
    tags: dict[str, str] = preset["tags"]
    now = preset.get("addTags", tags)
    details = {key: value for key, value in now.items() if key not in FEATURE_KEYS}
    added = {key: value for key, value in now.items() if key in FEATURE_KEYS and key not in tags}
    return [tags, *({key: value, **details} for key, value in added.items())]


def _compact(tags: dict[str, str]) -> str:
    return json.dumps(tags, ensure_ascii=False, separators=(",", ":"))


def _schema_words(schema: Path, number: dict[str, int]) -> Iterator[tuple[str, str, str, str]]:
    """(language, preset, kind, text)"""
    for file in sorted((schema / "dist" / "translations").glob("*.min.json")):
        locale = file.name.removesuffix(".min.json")
        lang = _language(locale)
        translated = json.loads(file.read_text()).get(locale, {}).get("presets", {}).get("presets", {})
        for id_, texts in translated.items():
            if id_ not in number:
                continue
            for kind, values in (
                ("name", [texts.get("name", "")]),
                ("alias", texts.get("aliases", [])),
                ("term", texts.get("terms", [])),
            ):
                for text in values:
                    if text and "<" not in text:
                        yield lang, id_, kind, " ".join(text.split())


def _lexicon_words(number: dict[str, int]) -> Iterator[tuple[str, str, str, str]]:
    for file in sorted(LEXICON.glob("??.txt")):
        for line in file.read_text().splitlines():
            if line and not line.startswith("#"):
                id_, _, texts = line.partition(":")
                if id_ not in number:
                    raise SystemExit(f"{file}: there is no category {id_}")
                for text in texts.split(","):
                    yield file.stem, id_, "word", text.strip()


def _stopwords() -> set[str]:
    lines = (LEXICON / "stopwords.txt").read_text().splitlines()
    return {fold(text) for line in lines if not line.startswith("#") for text in line.partition(":")[2].split(",")} - {
        ""
    }


def _language(locale: str) -> str:
    base = locale.split("-")[0].split("@")[0]
    return _MERGED.get(base, base)


def _hits(hits: dict[tuple[int, str], set[str]]) -> str:
    return " ".join(f"{number}{kind}{','.join(sorted(langs))}" for (number, kind), langs in sorted(hits.items()))


def _add(archive: zipfile.ZipFile, member: str, lines: Any) -> None:
    info = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_LZMA
    archive.writestr(info, "\n".join(lines))
