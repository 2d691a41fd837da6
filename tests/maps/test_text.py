import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.maps.dictionary import dictionary
from orbweave.maps.query.forms import inflected, likeness, misspelt, respelt, slips, splits, umlauts
from orbweave.maps.query.romanise import skeleton, sound
from orbweave.maps.query.text import atoms, joined, key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bäckerei", "BACKEREI"),
        ("salle d'attente", "salle attente"),
        ("L’Hôtel", "hotel"),
        ("طبيب الأسنان", "طبيب أسنان"),
        ("ペット ショップ", "ペットショップ"),
        ("İşçi", "isci"),
        ("take-away", "take away"),
    ],
)
def test_one_key_for_spellings_of_a_word(one: str, other: str) -> None:
    assert key(one) == key(other)


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text: str) -> None:
    assert key(key(text)) == key(text)


def test_atoms_know_where_they_stand() -> None:
    query = "Zahnarzt, Monte-Carlo 東京の歯医者"
    found = atoms(query)
    assert [atom.text for atom in found[:3]] == ["zahnarzt", "monte", "carlo"]
    assert query[found[1].start : found[2].end] == "Monte-Carlo"
    assert found[1].comma
    assert not found[2].comma
    assert [query[atom.start : atom.end] for atom in found[3:]] == list("東京の歯医者")
    assert joined(found[3:]) == "東京の歯医者"
    assert joined(found[:3]) == "zahnarzt monte carlo"


@given(st.text(max_size=60))
def test_atoms_lie_within_the_query(query: str) -> None:
    found = atoms(query)
    assert all(0 <= atom.start < atom.end <= len(query) and atom.text for atom in found)
    assert [atom.start for atom in found] == sorted(atom.start for atom in found)


@pytest.mark.parametrize(
    ("word", "lang", "form"),
    [
        ("restaurants", "en", "restaurant"),
        ("bakeries", "en", "bakery"),
        ("zahnarzte", "de", "zahnarzt"),
        ("apotheken", "de", "apotheke"),
        ("hopitaux", "fr", "hopital"),
        ("farmacie", "it", "farmacia"),
        ("hoteles", "es", "hotel"),
        ("restauracje", "pl", "restauracja"),
        ("стоматологи", "ru", "стоматолог"),
        ("εστιατορια", "el", "εστιατοριο"),
    ],
)
def test_forms_of_a_word(word: str, lang: str, form: str) -> None:
    for known in (lang, None):
        found = {one.text: one.likeness for one in inflected(word, dictionary(), known)}
        assert 0.8 < found[form] < 1


@pytest.mark.parametrize(("word", "other"), [("bankrupt", "bank"), ("scholar", "school"), ("pump", "pub")])
def test_other_words(word: str, other: str) -> None:
    assert other not in {form.text for form in inflected(word, dictionary(), "en")}


def test_umlauts_of_another_keyboard() -> None:
    assert "zahnarzte" in umlauts("zahnaerzte")
    assert "zahnarzt" in {form.text for form in respelt("zahnaerzte", dictionary(), "de")}
    assert list(umlauts("bistro")) == []


@pytest.mark.parametrize("slip", ["dentst", "dentisst", "dnetist", "dentizt", "entist", "dentistt", "den tist"])
def test_slips_lead_back(slip: str) -> None:
    assert "dentist" in slips(slip)


@given(st.text("abcdefgh ", min_size=1, max_size=12))
def test_slips_are_near(phrase: str) -> None:
    assert all(abs(len(candidate) - len(phrase)) <= 1 for candidate in slips(phrase))


def test_a_misspelt_word_is_found_but_no_short_one() -> None:
    assert "veterinary" in {form.text for form in misspelt("vetinary", dictionary(), "en")}
    assert not list(misspelt("abr", dictionary(), "en"))


def test_likeness() -> None:
    assert likeness("restaurant", "restaurant") == 1
    assert likeness("restaraunt", "restaurant") > 0.75
    assert likeness("restaurant", "hotel") < 0.2
    assert likeness("", "a") == 0


def test_a_compound_is_parted_with_and_without_the_sound_between() -> None:
    assert ("zahnarzt", "zahnarzt", "praxis") in splits("zahnarztpraxis")
    assert ("hochzeit", "hochzeits", "fotograf") in splits("hochzeitsfotograf")
    assert list(splits("abc")) == []


@pytest.mark.parametrize(
    ("one", "other"), [("стоматолог", "stomatolog"), ("парикмахерская", "parikmaherskaya"), ("φαρμακείο", "farmakeio")]
)
def test_both_alphabets_sound_alike(one: str, other: str) -> None:
    assert sound(key(one)) == sound(key(other))


def test_consonants_of_a_script_without_vowels() -> None:
    assert skeleton(key("مطعم")) == skeleton("mat3am")
