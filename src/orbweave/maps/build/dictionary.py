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
from orbweave.maps.osm import FEATURE_KEYS, NAME_KEYS, is_feature

LEXICON = Path(__file__).parent.parent / "lexicon"
_TOO_GENERAL = {"amenity", "tourism", "leisure", "education/yes", "healthcare/yes", "office/yes", "shop/yes"}
# Older or parallel taggings of one kind of business; the second stands for both.
_SAME = {
    "amenity/college": "education/college",
    "amenity/coworking_space": "office/coworking",
    "amenity/dancing_school": "education/dancing_school",
    "amenity/driving_school": "education/driving_school",
    "amenity/embassy": "office/diplomatic/embassy",
    "amenity/fast_food/ice_cream": "amenity/ice_cream",
    "amenity/kindergarten": "education/kindergarten",
    "amenity/language_school": "education/language_school",
    "amenity/music_school": "education/music_school",
    "amenity/nursing_home": "amenity/social_facility/nursing_home",
    "amenity/prep_school": "education/prep_school",
    "amenity/school": "education/school",
    "amenity/university": "education/university",
    "craft/locksmith": "shop/locksmith",
    "craft/tailor": "shop/tailor",
    "office/lawyer/notary": "office/notary",
    "office/physician": "amenity/doctors",
    "office/travel_agent": "shop/travel_agency",
    "shop/boutique": "shop/clothes",
    "shop/fashion": "shop/clothes",
    "shop/ice_cream": "amenity/ice_cream",
}
_MERGED = {"nb": "no", "nn": "no", "tl": "fil"}


def build(schema: Path, names: Path) -> str:
    """``schema`` and ``names``: the unpacked packages id-tagging-schema and name-suggestion-index. Returns a line that
    says what was written."""
    presets = json.loads((schema / "dist" / "presets.json").read_text())
    alternatives: dict[str, list[str]] = {}
    for id_, preset in presets.items():
        if is_feature(preset["tags"]) and id_ not in _TOO_GENERAL and id_ not in _SAME:
            alternatives[id_] = [_compact(tags) for tags in _alternatives(preset)]
    for old, new in _SAME.items():
        more = map(_compact, _alternatives(presets[old]))
        alternatives[new] = list(dict.fromkeys([*alternatives[new], *more]))
    ids = list(alternatives)
    number = {id_: index for index, id_ in enumerate(ids)}

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
        _add(archive, "categories", ("\t".join((id_, *tags)) for id_, tags in alternatives.items()))
        _add(archive, "words", (f"{key}\t{_hits(words[key])}" for key in sorted(words)))
        _add(archive, "stopwords", sorted(_stopwords()))
        _add(archive, "brands", (f"{name}\t{','.join(sorted(ids))}" for name, ids in sorted(_brands(names).items())))
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
        for preset, texts in translated.items():
            id_ = _SAME.get(preset, preset)
            if id_ not in number:
                continue
            for kind, values in (
                ("name" if id_ == preset else "alias", [texts.get("name", "")]),
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


def _brands(names: Path) -> dict[str, set[str]]:
    """Folded names of chains and their Wikidata ids."""
    index = json.loads((names / "dist" / "json" / "nsi.min.json").read_text())["nsi"]
    brands: dict[str, set[str]] = defaultdict(set)
    for path, group in index.items():
        if path.split("/")[0] not in ("brands", "operators"):
            continue
        for item in group["items"]:
            tags = item["tags"]
            id_ = tags.get("brand:wikidata") or tags.get("operator:wikidata")
            if not id_ or not is_feature(tags):
                continue
            for spelling in [item["displayName"], *item.get("matchNames", []), *map(tags.get, NAME_KEYS)]:
                if spelling and (name := fold(spelling)):
                    brands[name].add(id_)
    return brands


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
