"""A query as the name of a chain or business, where that is likelier than a kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orbweave.maps.dictionary import KINDS, Dictionary
from orbweave.maps.query.forms import WIDE, slips
from orbweave.maps.query.reading import Guess, Reading
from orbweave.maps.query.text import Atom, joined

# At its end or beginning, what makes the rest a company's name, whatever words it has.
_LEGAL_FORMS_TEXT = """
    ag gmbh mbh ug kg ohg gbr ev ltd limited llc llp inc plc corp sa sarl sas srl srls spa bv nv oy oyj ab as asa aps
    sro doo dd kft bt zrt nyrt rt eood ood ou sia uab spol zoo ооо оао зао пао ао тов еоод оод ип pty pte gk kk sl slu
    lda ltda eirl group holding sons brothers bros co cie fils freres sohne gebruder figli fratelli hijos hermanos
    filhos irmaos zonen gebroeders tarsa tarsai synowie synove synovia sinovi sonner soner pojat
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS_TEXT.split())
# Those among the short ones that stand first, where other short words ("co-working", "ev charging") are none.
_LEADING = frozenset("pt sas srl sarl ооо оао зао пао ао тов ип".split())  # noqa: SIM905
_UNSPACED_LEGAL_FORMS = ("株式会社", "有限会社", "有限公司", "주식회사")


@dataclass(frozen=True, slots=True)
class Name:
    """``atoms`` are the name, of a chain with these Wikidata ids if there are any; ``text`` its known spelling where
    they are misspelt. ``of_kind``: what was left out of it says what kind of business it is."""

    atoms: Sequence[Atom]
    score: float
    brands: tuple[str, ...] = ()
    text: str | None = None
    of_kind: bool = False


def known(some: Sequence[Atom], words: Dictionary) -> str | None:
    """The known name that these atoms are, with or without the spaces."""
    spellings = (joined(some), "".join(atom.text for atom in some)) if some else ()
    return next((name for name in spellings if words.is_name(name)), None)


def find(reading: Reading, guesses: Mapping[int, Guess]) -> Name | None:
    words = reading.words
    content = [atom for at, atom in enumerate(reading.atoms) if at not in reading.noise]
    is_kind = any(_is_sure(guess, reading.lang) for guess in guesses.values())
    for some in (reading.atoms, content):
        if not is_kind and (name := known(some, words)):
            return Name(some, 0.95, words.brand(name))
    if not content:
        return None
    if rest := _beside_kind(content, words):
        brands = words.brand(joined(rest))
        return Name(rest, 0.9, brands, of_kind=not brands)
    if _is_company(reading.atoms, words):
        return Name(reading.atoms, 0.6)
    if is_kind:
        return None
    if len(content) == 1 and content[0].is_possessive:
        return Name(content, 0.6)
    top = max((guess.score for guess in guesses.values()), default=0.0)
    if top < 0.8 and (near := _near_brand(content, words)):
        return near
    if len(reading.atoms) > 1 and guesses and not reading.talk:
        likeliest = max(guesses.values(), key=lambda guess: (guess.method != "spelling", guess.score))
        if _is_titled(reading) or reading.has_proper_name(likeliest):
            return Name(content, 0.6)
    return None


def _is_sure(guess: Guess, lang: str | None) -> bool:
    """Whether a kind is called just so, rather than described: terms also list well-known chains."""
    # What half the world calls it so needs not be of the language of the query.
    least = 0.93 if len(guess.langs) < WIDE else 0.85
    called = guess.kind in "wnam" and guess.share == 1 and guess.score > least
    return called and (guess.method == "exact" or lang in guess.langs)


def _beside_kind(content: Sequence[Atom], words: Dictionary) -> Sequence[Atom] | None:
    """The known name that is left of "Shell petrol station" without the words that are no name."""
    if joined(content) in words:
        return None
    for cut in range(1, len(content)):
        for kind, rest in ((content[:cut], content[cut:]), (content[cut:], content[:cut])):
            name = joined(rest)
            if words.is_name(name) and _is_only_name(name, rest, words) and _suits(name, joined(kind), words):
                return rest
    return None


def _is_only_name(name: str, some: Sequence[Atom], words: Dictionary) -> bool:
    """Whether a known name is no word as well, but one that describes a kind by its best-known chain."""
    if hits := words.hits(name):
        return bool(words.brand(name)) and all(hit.kind == KINDS["term"] for hit in hits)
    return name not in words.vocabulary or all(atom.capital for atom in some)


def _suits(name: str, kind: str, words: Dictionary) -> bool:
    """Whether what is called ``name`` may be of what is called ``kind``."""
    hits = words.hits(kind)
    kinds = [words.categories[hit.number] for hit in hits if hit.kind != KINDS["modifier"]]
    if words.brand(name):
        if hits and not kinds:
            return True
        return any(words.is_branded(name, category) for category in kinds)
    return bool(kinds)


def _is_company(some: Sequence[Atom], words: Dictionary) -> bool:
    """Whether a legal form stands at the beginning or end of something else."""
    text = joined(some)
    if len(some) < 2 or text in words:
        return False
    first, last = some[0].text, some[-1].text
    if any(form in text for form in _UNSPACED_LEGAL_FORMS) or first in _LEADING:
        return True
    if first in LEGAL_FORMS and len(first) > 3:
        return True
    # "SpA" is a word too: a hotel with a spa is no company.
    return last in LEGAL_FORMS and (last not in words or any(atom.text not in words.vocabulary for atom in some[:-1]))


def _near_brand(some: Sequence[Atom], words: Dictionary) -> Name | None:
    """The chain whose name is a slip away from a text that is not all words."""
    text = joined(some)
    if not 6 <= len(text) <= 24 or all(atom.text in words.vocabulary for atom in some):
        return None
    near = sorted(other for other in slips(text) if words.is_name(other) and words.brand(other))
    if not near:
        return None
    brands = tuple(dict.fromkeys(brand for name in near for brand in words.brand(name)))
    return Name(some, 0.7, brands, max(near, key=len))


def _is_titled(reading: Reading) -> bool:
    """Whether it is written as a title is, "The Fresh Market", beginning with an article."""
    first, *rest = reading.atoms
    article = 0 in reading.noise and len(first.text) <= 3 and first.capital
    return article and bool(rest) and all(atom.capital for atom in rest) and joined(reading.atoms) not in reading.words
