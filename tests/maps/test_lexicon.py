"""The lexicon's text files and the packaged dictionary say the same."""

from pathlib import Path

import pytest

import orbweave.maps
from orbweave.locations import fold
from orbweave.maps.dictionary import KINDS, dictionary

FILES = sorted((Path(orbweave.maps.__file__).parent / "lexicon").glob("??.txt"))


def lines(file: Path) -> list[tuple[str, list[str]]]:
    rows = (line.partition(":") for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return [(category.strip(), [text.strip() for text in texts.split(",")]) for category, _, texts in rows]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_word_is_packaged(file: Path) -> None:
    words = dictionary()
    for category, texts in lines(file):
        for text in texts:
            meant = {
                words.categories[hit.category].id
                for hit in words.hits(fold(text))
                if hit.kind == KINDS["word"] and file.stem in hit.langs
            }
            assert category in meant, f"{text}: build the dictionary again (docs/data.md)"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_category_has_one_line(file: Path) -> None:
    categories = [category for category, _ in lines(file)]
    assert len(categories) == len(set(categories))
