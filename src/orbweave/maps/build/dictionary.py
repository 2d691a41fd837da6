"""The id tagging schema's presets and words in all its languages, and our own, written in the packaged form."""

from __future__ import annotations

import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import brotli

from orbweave.maps import packaged
from orbweave.maps.build import lexicon, place_names
from orbweave.maps.dictionary import ARCHIVE, KINDS
from orbweave.maps.osm import FEATURE_KEYS, NAME_KEYS, is_feature
from orbweave.maps.query.romanise import is_latin, is_sounded, is_unvocalised, skeleton, sound
from orbweave.maps.query.text import key

_TOO_GENERAL = {"amenity", "tourism", "leisure", "education/yes", "healthcare/yes", "office/yes", "shop/yes"}
# Older or parallel taggings of one kind of business; the second stands for both.
SAME = {
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
# No businesses, but asked for as if they were: data that has them answers.
_ASKED = {"amenity/atm", "amenity/toilets"}
_MERGED = {"nb": "no", "nn": "no", "tl": "fil"}


Hits = dict[str, dict[tuple[int, str], set[str]]]


class _Tables:
    """What the archive will hold, as it is gathered."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.alternatives: list[list[str]] = []
        self.number: dict[str, int] = {}
        self._by_tags: dict[str, int] = {}
        self.modifiers: dict[str, int] = {}
        self.words: Hits = defaultdict(lambda: defaultdict(set))
        self.particles: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.labels: dict[str, dict[int, str]] = defaultdict(dict)

    def category(self, id_: str, alternatives: list[dict[str, str]]) -> int:
        self.number[id_] = len(self.ids)
        self.ids.append(id_)
        self.alternatives.append(list(dict.fromkeys(map(_compact, alternatives))))
        for tags in self.alternatives[-1]:
            self._by_tags.setdefault(tags, self.number[id_])
        return self.number[id_]

    def narrowed(self, id_: str | None, tags: dict[str, str]) -> int:
        """The number of the category ``id_`` with these tags too, or of the tags alone; a new one if need be."""
        if id_ is None:
            name, alternatives = " ".join(f"{name}={value}" for name, value in tags.items()), [tags]
        else:
            id_ = SAME.get(id_, id_)
            if id_ not in self.number:
                raise SystemExit(f"The lexicon names a category that the schema has not: {id_}")
            if not tags:
                return self.number[id_]
            name = " ".join([id_, *(f"{name}={value}" for name, value in tags.items())])
            alternatives = [json.loads(one) | tags for one in self.alternatives[self.number[id_]]]
        if name in self.number:
            return self.number[name]
        known = self._by_tags.get(_compact(alternatives[0]))
        return known if known is not None else self.category(name, alternatives)

    def modifier(self, tags: dict[str, str]) -> int:
        return self.modifiers.setdefault(_compact(tags), len(self.modifiers))

    def say(self, text: str, number: int, kind: str, lang: str) -> None:
        if word := key(text):
            self.words[word][number, KINDS[kind]].add(lang)


def build(schema: Path, names: Path, target: Path = Path(str(ARCHIVE))) -> str:
    """``schema`` and ``names``: the unpacked packages id-tagging-schema and name-suggestion-index. Writes ``target``;
    returns a line that says what."""
    tables = _Tables()
    _add_presets(tables, json.loads((schema / "dist" / "presets.json").read_text()))
    # Our own words first: what they call a category comes before what the schema's say of it.
    _add_lexicon(tables)
    for lang, id_, kind, text in _schema_words(schema, tables.number):
        number = tables.number[id_]
        if kind == "name":
            tables.labels[lang].setdefault(number, text)
        tables.say(text, number, kind, lang)
    _add_labels(tables)
    _add_shortened(tables)

    words = tables.words
    vocabulary = Counter(word for phrase in words for word in phrase.split())
    particles = {text for _, text in tables.particles}
    target.parent.mkdir(exist_ok=True)
    unfinished = target.with_suffix(".new")
    with zipfile.ZipFile(unfinished, "w") as archive:
        _add(archive, "categories", map("\t".join, zip(tables.ids, map("\t".join, tables.alternatives), strict=True)))
        _add(archive, "modifiers", tables.modifiers)
        _add(archive, "texts", _texts(tables))
        # In the order they were said: the lexicon's first meaning first.
        hits = [words[word] for word in sorted(words)]
        _add(archive, "meanings", (" ".join(f"{number}{kind}" for number, kind in hit) for hit in hits))
        _add(archive, "spoken", (" ".join(",".join(sorted(langs)) for langs in hit.values()) for hit in hits))
        _add(archive, "sounds", _sounds(words))
        _add(
            archive,
            "particles",
            (f"{part}\t{text}\t{','.join(sorted(langs))}" for (part, text), langs in sorted(tables.particles.items())),
        )
        _add(archive, "endings", _endings())
        _add(archive, "rules", _rules(tables))
        _add(archive, "names", map("\t".join, _names(names)))
        _add(archive, "places", sorted(place_names.names(vocabulary, particles), key=str.encode))
    unfinished.replace(target)
    return (
        f"{len(tables.ids)} categories, {len(tables.modifiers)} modifiers, {len(words)} words, "
        f"{len(tables.labels)} languages: {target.stat().st_size} bytes"
    )


def _add_presets(tables: _Tables, presets: dict[str, Any]) -> None:
    alternatives = {
        id_: _alternatives(preset)
        for id_, preset in presets.items()
        if (is_feature(preset["tags"]) or id_ in _ASKED) and id_ not in _TOO_GENERAL and id_ not in SAME
    }
    for old, new in SAME.items():
        alternatives[new] += _alternatives(presets[old])
    for id_, tags in alternatives.items():
        tables.category(id_, tags)


def _add_lexicon(tables: _Tables) -> None:
    for file in lexicon.files():
        for entry in lexicon.entries(file):
            if entry.particle:
                tables.particles[entry.particle, ("-" if entry.text.startswith("-") else "") + key(entry.text)].add(
                    entry.lang
                )
            elif entry.modifier:
                tables.say(entry.text, tables.modifier(entry.tags), "modifier", entry.lang)
            else:
                number = tables.narrowed(entry.id, entry.tags)
                if entry.tags and not entry.weak:
                    tables.labels[entry.lang].setdefault(number, entry.text[:1].upper() + entry.text[1:])
                tables.say(entry.text, number, "second" if entry.weak else "word", entry.lang)
    tables.particles = defaultdict(set, {named: langs for named, langs in tables.particles.items() if named[1]})


def _add_labels(tables: _Tables) -> None:
    """What the lexicon narrowed has a label in English, whoever listed it."""
    for number, id_ in enumerate(tables.ids):
        if number not in tables.labels["en"]:
            base, *tags = id_.split(" ") if "=" not in id_.split(" ")[0] else ("", *id_.split(" "))
            values = ", ".join(tag.partition("=")[2].replace("_", " ") for tag in tags)
            known = tables.labels["en"].get(tables.number.get(base, -1), "")
            tables.labels["en"][number] = f"{known} ({values})" if known else values.capitalize()


def _add_shortened(tables: _Tables) -> None:
    """A phrase without its particles ("magasin vélos" for "magasin de vélos") means the same, if nothing else."""
    noise: dict[str, set[str]] = defaultdict(set)
    for (part, text), langs in tables.particles.items():
        if part in ("noise", "in") and len(text) <= 4:
            for lang in langs:
                noise[lang].add(text)
    known = set(tables.words)
    for phrase in sorted(known):
        parts = phrase.split(" ")
        if len(parts) < 3:
            continue
        for (number, kind), langs in tables.words[phrase].items():
            for lang in langs:
                short = " ".join(part for part in parts if part not in noise[lang])
                if kind != KINDS["term"] and short not in known and " " in short:
                    tables.words[short][number, kind].add(lang)


def _texts(tables: _Tables) -> Iterator[str]:
    """All words, then the labels of each language: together, because what is alike packs well."""
    yield from sorted(tables.words)
    for lang, labels in sorted(tables.labels.items()):
        yield f"\f{lang}"
        yield from (labels.get(number, "") for number in range(len(tables.ids)))


def _sounds(words: Hits) -> Iterator[str]:
    """Words of other alphabets by how they sound; no long phrases, and none that only describe a category."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        if word.count(" ") < 2 and any(kind != KINDS["term"] for _, kind in words[word]):
            if is_sounded(word):
                found[sound(word)].append(word)
            elif is_unvocalised(word) and len(bones := skeleton(word)) >= 3:
                found[f"~{bones}"].append(word)
    for heard in sorted(found):
        if len(heard) > 3:
            yield "\t".join((heard, *found[heard]))


def _endings() -> Iterator[str]:
    found: dict[str, set[str]] = defaultdict(set)
    for lang, endings in lexicon.table("endings").items():
        for ending in endings.split(","):
            found[key(ending)].add(lang)
    for ending in sorted(found):
        yield f"{ending}\t{','.join(sorted(found[ending]))}"


def _rules(tables: _Tables) -> Iterator[str]:
    for name, text in lexicon.table("modifiers").items():
        how, goes_with, alone = (part.strip() for part in text.split(";"))
        for id_ in alone.split():
            if id_ not in tables.number:
                raise SystemExit(f"modifiers.txt: there is no category {id_}")
        yield "\t".join((name, how, goes_with, alone))


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
            id_ = SAME.get(preset, preset)
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


def _names(names: Path) -> Iterator[tuple[str, str, str]]:
    """Names of chains and of the packaged businesses; the chains' Wikidata ids and the initials of their keys."""
    ids: dict[str, set[str]] = defaultdict(set)
    keys: dict[str, set[str]] = defaultdict(set)
    index = json.loads((names / "dist" / "json" / "nsi.min.json").read_text())["nsi"]
    for path, group in index.items():
        if path.startswith("brands/"):
            for item in group["items"]:
                tags = item["tags"]
                id_ = tags.get("brand:wikidata") or tags.get("operator:wikidata")
                if id_ and is_feature(tags):
                    for name in filter(None, map(key, _spellings(item))):
                        ids[name].add(id_)
                        keys[name].add(path.split("/")[1][0])
    own = {
        name
        for country in packaged.countries()
        for record in packaged.extract(country).records
        for name in map(key, packaged.names_of(record.tags))
    }
    for name in sorted({*ids, *own} - {""}):
        yield name, ",".join(sorted(ids[name])), "".join(sorted(keys[name]))


def _spellings(item: dict[str, Any]) -> Iterator[str]:
    yield from (item["displayName"], *item.get("matchNames", ()))
    for name, value in item["tags"].items():
        if name in NAME_KEYS or name.endswith(":en") or (name.split(":")[0] in NAME_KEYS and not is_latin(value)):
            yield value


def _language(locale: str) -> str:
    base = locale.split("-")[0].split("@")[0]
    return _MERGED.get(base, base)


def _add(archive: zipfile.ZipFile, member: str, lines: Iterable[str]) -> None:
    text = brotli.compress("\n".join(lines).encode(), mode=brotli.MODE_TEXT, quality=11, lgwin=24)
    archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), text)
