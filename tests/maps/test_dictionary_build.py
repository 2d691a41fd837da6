"""The dictionary built from a schema, names and a lexicon drawn here."""

import json
import zipfile
from pathlib import Path

import pytest

from orbweave.maps.build import dictionary as builder
from orbweave.maps.build import lexicon, place_names
from orbweave.maps.dictionary import Dictionary

PRESETS = {
    "amenity/restaurant": {"tags": {"amenity": "restaurant"}},
    "amenity/doctors": {"tags": {"amenity": "doctors"}, "addTags": {"amenity": "doctors", "healthcare": "doctor"}},
    "shop": {"tags": {"shop": "*"}},
    "amenity/bench": {"tags": {"amenity": "bench"}},
}
TEXTS = {
    "amenity/restaurant": {"name": "Restaurant", "terms": ["eating out", "mcx"]},
    "amenity/doctors": {"name": "Doctor"},
    "shop": {"name": "Shop"},
}
BRANDS = {
    "brands/amenity/restaurant": {
        "items": [
            {"displayName": "Mc X", "tags": {"amenity": "restaurant", "brand": "McX", "brand:wikidata": "Q1"}},
            {"displayName": "No Id", "tags": {"amenity": "restaurant"}},
        ]
    },
    "flags/man_made/flagpole": {"items": [{"displayName": "Flag", "tags": {"brand:wikidata": "Q2"}}]},
}
LEXICON = """# English
amenity/restaurant: eatery of note, ~canteen
amenity/doctors healthcare:speciality=cardiology: heart doctor
office=marketing: marketing agency
+diet:vegan=yes: vegan
@in: in
@after: -ish
@noise: of
"""


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "en.txt").write_text(LEXICON)
    (folder / "endings.txt").write_text("en: s, es\n")
    (folder / "modifiers.txt").write_text("diet:*: must; amenity/; amenity/restaurant\n*: may; amenity/;\n")
    schema = tmp_path / "schema" / "dist"
    (schema / "translations").mkdir(parents=True)
    (schema / "presets.json").write_text(json.dumps(PRESETS))
    texts = {"en": {"presets": {"presets": TEXTS}}}
    (schema / "translations" / "en.min.json").write_text(json.dumps(texts))
    names = tmp_path / "names" / "dist" / "json"
    names.mkdir(parents=True)
    (names / "nsi.min.json").write_text(json.dumps({"nsi": BRANDS}))
    monkeypatch.setattr(lexicon, "FOLDER", folder)
    monkeypatch.setattr(place_names, "names", lambda vocabulary, particles: {"zzz", "nantes", "wien"})
    monkeypatch.setattr(builder, "SAME", {})
    return tmp_path


def read(folder: Path) -> Dictionary:
    builder.build(folder / "schema", folder / "names", folder / "made.zip")
    return Dictionary(zipfile.ZipFile(folder / "made.zip"))


def test_what_a_word_means(built: Path) -> None:
    words = read(built)
    meant = {
        phrase: [(words.categories[hit.number].id, hit.kind) for hit in words.hits(phrase)]
        for phrase in ("restaurant", "eating out", "eatery of note", "eatery note", "canteen", "heart doctor", "bench")
    }
    assert meant == {
        "restaurant": [("amenity/restaurant", "n")],
        "eating out": [("amenity/restaurant", "t")],
        "eatery of note": [("amenity/restaurant", "w")],
        "eatery note": [("amenity/restaurant", "w")],
        "canteen": [("amenity/restaurant", "v")],
        "heart doctor": [("amenity/doctors healthcare:speciality=cardiology", "w")],
        "bench": [],
    }


def test_a_narrowed_category_has_the_tags_of_both(built: Path) -> None:
    words = read(built)
    (hit,) = words.hits("heart doctor")
    assert words.categories[hit.number].alternatives == (
        {"amenity": "doctors", "healthcare:speciality": "cardiology"},
        {"healthcare": "doctor", "healthcare:speciality": "cardiology"},
    )
    assert words.labels("en")[hit.number] == "Heart doctor"
    (raw,) = words.hits("marketing agency")
    assert words.categories[raw.number].alternatives == ({"office": "marketing"},)


def test_modifiers_and_particles(built: Path) -> None:
    words = read(built)
    (hit,) = words.hits("vegan")
    assert words.modifiers[hit.number].tags == {"diet:vegan": "yes"}
    assert words.rule("diet:vegan").must
    assert not words.rule("wheelchair").must
    assert words.particles["in"].keys() == {"in"}
    assert words.particles["after"].keys() == {"-ish"}
    assert words.endings["s"] == {"en"}


def test_names_and_places(built: Path) -> None:
    words = read(built)
    assert words.brand("mcx") == words.brand("mc x") == ("Q1",)
    assert not words.is_name("no id")
    assert not words.is_name("flag")
    assert words.is_place("nantes")
    assert words.is_place("zzz")
    assert not words.is_place("nante")
    assert list(words.places_beginning_with("wi", 5)) == ["wien"]


def test_the_same_inputs_make_the_same_bytes(built: Path) -> None:
    made = []
    for name in ("one.zip", "two.zip"):
        builder.build(built / "schema", built / "names", built / name)
        made.append((built / name).read_bytes())
    assert made[0] == made[1]


def test_a_category_that_is_none_is_refused(built: Path) -> None:
    (built / "lexicon" / "de.txt").write_text("amenity/oops: Hoppla\n")
    with pytest.raises(SystemExit, match="amenity/oops"):
        read(built)
