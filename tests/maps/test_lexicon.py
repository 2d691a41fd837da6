"""The lexicon's text files and the packaged dictionary say the same."""

from pathlib import Path

import pytest

from orbweave.maps.build import lexicon
from orbweave.maps.dictionary import KINDS, dictionary
from orbweave.maps.query.text import key

FILES = lexicon.files()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_word_is_packaged(file: Path) -> None:
    words = dictionary()
    for entry in lexicon.entries(file):
        text = key(entry.text)
        if not text:
            continue
        if entry.particle:
            mark = "-" if entry.text.startswith("-") else ""
            assert file.stem in words.particles[entry.particle][mark + text], entry
            continue
        meant = [
            words.modifiers[hit.number].tags if hit.kind == KINDS["modifier"] else words.categories[hit.number]
            for hit in words.hits(text)
            if file.stem in hit.langs and hit.kind in "wvm"
        ]
        if entry.modifier:
            assert entry.tags in meant, f"{entry}: build the dictionary again (docs/data.md)"
        else:
            alternatives = [one.alternatives for one in meant if not isinstance(one, dict)]
            assert any(entry.tags.items() <= tags.items() for some in alternatives for tags in some), (
                f"{entry}: build the dictionary again (docs/data.md)"
            )


def read(tmp_path: Path, text: str) -> list[lexicon.Entry]:
    file = tmp_path / "xx.txt"
    file.write_text(text, encoding="utf-8")
    return list(lexicon.entries(file))


def test_the_forms_of_a_line(tmp_path: Path) -> None:
    text = """# Language
amenity/restaurant: Wirtshaus, ~Essen gehen
amenity/doctors healthcare:speciality=cardiology: Herzarzt
office=marketing: Marketingagentur
+opening_hours=24/7: rund um die Uhr
@after: -da
"""
    assert read(tmp_path, text) == [
        lexicon.Entry("xx", "Wirtshaus", "amenity/restaurant"),
        lexicon.Entry("xx", "Essen gehen", "amenity/restaurant", weak=True),
        lexicon.Entry("xx", "Herzarzt", "amenity/doctors", {"healthcare:speciality": "cardiology"}),
        lexicon.Entry("xx", "Marketingagentur", None, {"office": "marketing"}),
        lexicon.Entry("xx", "rund um die Uhr", None, {"opening_hours": "24/7"}, modifier=True),
        lexicon.Entry("xx", "-da", particle="after"),
    ]


@pytest.mark.parametrize("line", ["no colon", "@around: near", "amenity/bar oops: Bar", "+vegan=: vegan"])
def test_a_line_of_no_form_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(SystemExit, match=r"xx\.txt:2"):
        read(tmp_path, f"# Language\n{line}\n")
