"""Queries become the right tag conditions, or an error; never other businesses."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.understanding import TARGETS, cases, score
from orbweave.maps import UnknownQuery, understand
from orbweave.maps.dictionary import dictionary
from orbweave.maps.understanding import as_name

QUERIES = Path(__file__).parent / "queries.tsv"


@pytest.mark.parametrize("with_language", [True, False])
def test_what_people_type_is_understood(with_language: bool) -> None:
    result = score(cases(QUERIES), with_language=with_language)
    missed = {name: share for name, share in result.shares().items() if not result.reached()[name]}
    if not with_language:
        missed = {name: share for name, share in missed.items() if abs(share - TARGETS[name]) > 0.02}
    assert not missed, [(case.query, meaning.label) for case, meaning in result.wrong]


@pytest.mark.parametrize(
    ("query", "lang", "method"),
    [
        ("restaurant", "en", "exact"),
        ("chocolatiers", "en", "inflected"),
        ("dentits", "en", "spelling"),
        ("underwater restaurant", "en", "phrase"),
        ("Schafwollbäckerei", "de", "compound"),
        ("Migros", None, "name"),
    ],
)
def test_the_method_is_told(query: str, lang: str | None, method: str) -> None:
    assert understand(query, lang).method == method


def test_the_less_of_a_query_is_explained_the_lower_the_score() -> None:
    whole, part = understand("restaurant", "en"), understand("underwater restaurant", "en")
    assert 0.4 <= part.score < whole.score <= 1.0


def test_old_and_new_taggings_are_one_meaning() -> None:
    matches = understand("schools", "en").matches
    assert matches({"amenity": "school"})
    assert matches({"education": "school"})
    assert not matches({"amenity": "kindergarten"})


def test_a_special_kind_is_of_its_general_kind() -> None:
    assert understand("restaurants").matches({"amenity": "restaurant", "cuisine": "pizza;italian"})
    assert understand("pizza").matches({"amenity": "restaurant", "cuisine": "pizza;italian"})
    assert understand("pizza").matches({"amenity": "fast_food", "cuisine": "pizza"})
    assert not understand("pizza").matches({"amenity": "restaurant", "cuisine": "italian"})


def test_a_tag_that_says_no_is_no_match() -> None:
    assert understand("shops").matches({"shop": "toys"})
    assert not understand("shops").matches({"shop": "no"})


def test_words_mean_what_they_mean_in_the_language_of_the_query() -> None:
    assert understand("bar", "de").tags == ({"amenity": "bar"},)
    assert {"amenity": "cafe"} in understand("bar", "it").tags
    assert {"amenity": "pub"} in understand("café", "nl").tags
    assert understand("café").tags == ({"amenity": "cafe"},)


def test_labels_come_in_the_language_of_the_query() -> None:
    assert understand("dentist", "de").label == "Zahnarzt"
    assert understand("dentist", "en").label == "Dentist"
    assert understand("dentist", "de-AT").label == "Zahnarzt"
    assert understand("dentist", "tlh").label == "Dentist"


@pytest.mark.parametrize(
    ("query", "lang", "place", "tag"),
    [
        ("restaurants in Nantes, France", "en", "Nantes, France", ("amenity", "restaurant")),
        ("restaurants in Nantes, France", None, "Nantes, France", ("amenity", "restaurant")),
        ("dentist in Hintertupfing", "en", "Hintertupfing", ("amenity", "dentist")),
        ("pizza wien", "de", "wien", ("cuisine", "pizza")),
        ("Berlin dentist", "en", "Berlin", ("amenity", "dentist")),
        ("rechtsanwalt 10115 berlin", "de", "10115 berlin", ("office", "lawyer")),
        ("Autowerkstatt 1070 Wien", None, "1070 Wien", ("shop", "car_repair")),
        ("cheap hotels in Berlin near me", "en", "Berlin", ("tourism", "hotel")),
        ("pharmacy SW1A 1AA", "en", "SW1A 1AA", ("amenity", "pharmacy")),
        ("plombier Lyon 3e", "fr", "Lyon 3e", ("craft", "plumber")),
        ("東京 歯医者", "ja", "東京", ("amenity", "dentist")),
        ("東京の歯医者", None, "東京", ("amenity", "dentist")),
        ("מסעדות בתל אביב", "he", "בתל אביב", ("amenity", "restaurant")),
        ("restaurants", "en", None, ("amenity", "restaurant")),
        ("co-working spaces lisbon", "en", "lisbon", ("office", "coworking")),
        ("tandlæge Aarhus", "da", "Aarhus", ("amenity", "dentist")),
        ("plumber Hintertupfing", "en", "Hintertupfing", ("craft", "plumber")),
        ("Hintertupfing'da kebapçı", "tr", "Hintertupfing'da", ("cuisine", "kebab")),
        ("朝阳区牙医", "zh", "朝阳区", ("amenity", "dentist")),
        ("강남구 치과", "ko", "강남구", ("amenity", "dentist")),
    ],
)
def test_the_place_is_set_apart(query: str, lang: str | None, place: str | None, tag: tuple[str, str]) -> None:
    found = understand(query, lang)
    assert found.place == place
    assert tag in found.tags[0].items()


@pytest.mark.parametrize("query", ["nail bar", "bar", "Orange", "essen gehen"])
def test_a_word_that_is_a_place_too_is_not_eaten(query: str) -> None:
    assert understand(query).place is None


def test_what_narrows_down_is_in_every_alternative() -> None:
    found = understand("vegan restaurant", "en").best
    assert found.tags == ({"amenity": "restaurant", "diet:vegan": "yes"},)
    assert found.modifiers == {"diet:vegan": "yes"}
    pharmacy = understand("24h pharmacy", "en").best
    assert pharmacy.tags
    assert all(tags["opening_hours"] == "24/7" for tags in pharmacy.tags)


def test_what_narrows_down_may_stand_alone() -> None:
    assert {"amenity": "restaurant", "diet:vegan": "yes"} in understand("vegan", "en").tags


def test_what_says_what_it_is_must_be_there() -> None:
    vegan = understand("vegan restaurant", "en").best
    assert vegan.matches({"amenity": "restaurant", "diet:vegan": "only"})
    assert not vegan.matches({"amenity": "restaurant"})
    assert not vegan.matches({"amenity": "restaurant", "diet:vegan": "no"})


def test_what_maps_often_lack_must_only_not_say_otherwise() -> None:
    pharmacy = understand("24h pharmacy", "en").best
    always, unknown = {"amenity": "pharmacy", "opening_hours": "24/7"}, {"amenity": "pharmacy"}
    assert pharmacy.matches(always)
    assert pharmacy.matches(unknown)
    assert not pharmacy.matches({"amenity": "pharmacy", "opening_hours": "Mo-Fr 08:00-18:00"})
    assert pharmacy.preference(always) > pharmacy.preference(unknown)
    assert {"amenity": "pharmacy"} in pharmacy.required


@pytest.mark.parametrize(
    ("query", "lang", "tag"),
    [
        ("zahnaerzte", "de", ("amenity", "dentist")),
        ("stomatolog", "ru", ("amenity", "dentist")),
        ("stomatolog", None, ("amenity", "dentist")),
        ("mat3am", "ar", ("amenity", "restaurant")),
        ("טבעוני מסעדה", "he", ("amenity", "restaurant")),
        ("shop furniture", "en", ("shop", "furniture")),
        ("Laden für Fahrräder", "de", ("shop", "bicycle")),
    ],
)
def test_other_keyboards_alphabets_and_word_orders(query: str, lang: str | None, tag: tuple[str, str]) -> None:
    assert any(tag in tags.items() for tags in understand(query, lang).tags)


@pytest.mark.parametrize(
    "query",
    [
        "shell petrol station",
        "mcdonalds berlin",
        "Lidl near me",
        "starbuks",
        "Hotel Adlon",
        "hotel Adlon",
        "Starbucks drive thru",
        "Joe's",
        "Ferrero SpA",
    ],
)
def test_a_name_is_no_category(query: str) -> None:
    found = understand(query, "en")
    assert found.best.name
    (shown, *_) = found.matched()["tags"]
    assert shown.keys() <= {"brand:wikidata", "name"}


def test_text_can_be_searched_as_a_name() -> None:
    with pytest.raises(UnknownQuery) as caught:
        understand("blorptastic zwingle in Vaduz", "en")
    assert (caught.value.name, caught.value.place) == ("blorptastic zwingle", "Vaduz")
    named = as_name("blorptastic zwingle in Vaduz", "en")
    assert (named.best.name, named.place) == ("blorptastic zwingle", "Vaduz")
    assert named.matches({"name": "Blorptastic Zwingle & Co"})
    with pytest.raises(UnknownQuery):
        as_name(" ?")


def test_a_brand_is_searched_by_name_and_by_what_it_is() -> None:
    mcdonalds = understand("mcdonald's")
    assert mcdonalds.matches({"amenity": "fast_food", "name": "McDonald’s Vaduz"})
    assert mcdonalds.matches({"amenity": "fast_food", "name": "MCD", "brand:wikidata": "Q38076"})
    assert not mcdonalds.matches({"amenity": "fast_food", "name": "Burger King"})


def test_kind_and_name_together() -> None:
    found = understand("Hotel Metropole")
    assert found.matches({"tourism": "hotel", "name": "Metropole"})
    assert not found.matches({"tourism": "hotel", "name": "Other"})
    assert not found.matches({"amenity": "bar", "name": "Metropole"})


@pytest.mark.parametrize(
    ("query", "lang", "kind"),
    [
        ("hotel spa", "en", {"tourism": "hotel"}),
        ("doggy daycare", "en", {"amenity": "animal_boarding"}),
        ("dogdaycare", "en", {"amenity": "animal_boarding"}),
        ("changer ses pneus", "fr", {"shop": "tyres"}),
        ("farmacia near me", "en", {"amenity": "pharmacy"}),
        ("cash machine", "en", {"amenity": "atm"}),
        ("Toiletten in der Nähe", "de", {"amenity": "toilets"}),
        ("Bäcker morgen geöffnet", "de", {"shop": "bakery"}),
    ],
)
def test_kinds_in_other_words(query: str, lang: str, kind: dict[str, str]) -> None:
    assert kind in understand(query, lang).tags


@pytest.mark.parametrize(
    ("query", "lang"),
    [("che ore sono", "it"), ("keine Ahnung warum", "de"), ("вчера вечером", "ru"), ("hôm qua trời mưa", "vi")],
)
def test_talk_seeks_nothing(query: str, lang: str) -> None:
    for asked in (lang, None):
        with pytest.raises(UnknownQuery):
            understand(query, asked)


@pytest.mark.parametrize("query", ["", "   ", "?!", "🙂", "the", "near me", "asdfgh", "blorptastic zwingle", "x" * 500])
def test_nonsense_is_an_error(query: str) -> None:
    with pytest.raises(UnknownQuery) as caught:
        understand(query)
    assert caught.value.field == "query"


def test_a_word_that_narrows_nothing_down_may_be_all_there_is() -> None:
    assert understand("companies", "en").label == "Corporate Office"


def test_an_unknown_query_suggests_near_terms() -> None:
    with pytest.raises(UnknownQuery, match="did you mean") as caught:
        understand("dentistrology")
    assert "Dentist" in caught.value.suggestions


def test_explanation() -> None:
    explained = understand("pizza", "en").explain()
    assert explained["query"] == "pizza"
    first = explained["interpretations"][0]
    assert {"amenity": "restaurant", "cuisine": "pizza"} in first["tags"]
    assert first["label"] == "Pizza Restaurant"
    assert 0.9 < first["score"] <= 1.0


def is_kind(word: str) -> bool:
    """Not what only narrows a kind down or says nothing."""
    return word not in dictionary().particles["noise"] and any(hit.kind != "m" for hit in dictionary().hits(word))


words = st.sampled_from([word for word in dictionary().words if is_kind(word)])


@given(st.text(max_size=80), st.none() | st.sampled_from(["en", "de", "ja", "xx", "", "pt-BR"]))
@example("ﬀ", None)
@example("İ", "tr")
@example("\n\t\0", None)
@example(" ".join("abcdefghijklmnop"), "en")
def test_any_text_is_understood_or_unknown(query: str, lang: str | None) -> None:
    try:
        found = understand(query, lang)
    except UnknownQuery:
        return
    scores = [meaning.score for meaning in found.interpretations]
    assert all(0 < score <= 1 for score in scores)
    assert found.score >= 0.4
    for meaning in found.interpretations:
        assert meaning.tags or meaning.name
        assert meaning.label


@given(words)
def test_every_word_of_the_dictionary_is_understood_in_any_case(word: str) -> None:
    upper, lower = understand(word.upper()), understand(word.upper().lower())
    assert understand(word).score >= 0.4
    assert [(meaning.tags, meaning.name) for meaning in upper.interpretations] == [
        (meaning.tags, meaning.name) for meaning in lower.interpretations
    ]


@given(words, st.sampled_from([" ", "  ", "!", " - ", "\n"]))
def test_punctuation_and_spaces_around_do_not_matter(word: str, edge: str) -> None:
    plain, edged = understand(word), understand(edge + word + edge)
    assert [meaning.tags for meaning in edged.interpretations] == [meaning.tags for meaning in plain.interpretations]
