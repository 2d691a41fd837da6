"""People: structured data, names beside job titles in cards, tables and lists, names behind such words as director."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from orbweave.site.document import Document, shallow
from orbweave.site.extract.email_encoded import cloudflare
from orbweave.site.extract.emails import clean
from orbweave.site.extract.names import (
    MAX_NAME,
    MAX_TITLE,
    bare,
    has_given_name,
    has_honorific,
    is_name,
    is_of_no_name,
    is_title,
)
from orbweave.site.extract.names import shown as shown_name
from orbweave.site.extract.ownership import names_third_party
from orbweave.site.extract.socials import profile_of
from orbweave.site.extract.structured import is_organization, is_person, text_of
from orbweave.site.extract.words import company_words
from orbweave.site.facts import Fact
from orbweave.site.kinds import fold, is_page_title

MAX_PER_PAGE = 80
_MAX_LINES = 1_500
# A card's lines between a name and what belongs to it.
_REACH, _ALONE = 8, 5
_MAX_TURNS = 20
_LEGAL = ("imprint", "privacy", "terms")

_NOT_STAFF = (
    '[class*="testimonial" i],[class*="review" i],[class*="comment" i],[class*="author" i],[class*="byline" i],'
    '[class*="post-meta" i],[class*="entry-meta" i],[class*="quote" i],blockquote,[itemprop="review"],'
    '[itemprop="author"]'
)
_NOT_TEXT = ["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "canvas", "head"]
_INLINE = ["b", "i", "em", "font", "mark", "sub", "sup", "wbr", "abbr", "nobr", "u"]
_CONTACTS = 'a[href^="mailto:" i],a[href^="tel:" i],a[href*="linkedin.com/in/"],a[data-cfemail],span[data-cfemail]'
_MARK = "\x02"
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_SPELT_AT = r"(?:@|\s?(?:[(\[{]\s?(?:at|@|kukac|zavináč|arroba|arobase|chiocciola)\s?[)\]}]|\b(?:at|AT)\b)\s?)"
_SPELT_DOT = r"(?:\.|\s?(?:[(\[{]\s?(?:dot|punkt|punto|point)\s?[)\]}]|\bdot\b)\s?)"
_ADDRESS = re.compile(rf"([\w.+-]{{1,64}}){_SPELT_AT}([\w-]{{1,63}}(?:{_SPELT_DOT}[\w-]{{1,63}}){{1,4}})")
_DOT = re.compile(_SPELT_DOT)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NOT_WORD = re.compile(r"[^\w\u0300-\u036f\u0900-\u0d7f]+")
_DOMESTIC = re.compile(r"\d{2,4}(?:[ .-]\d{2,4}){2,4}\Z")
_PHONE = re.compile(r"\+?\(?\d[\d ()/.\-]{5,20}\d")
_JOINED = re.compile(r"\s[–—|·•-]\s|\s?[|·•]\s?|, |: ?|：|／|\s?\(")
_BETWEEN_NAMES = re.compile(
    r"\s*(?:[,;/&+·、，;]|\s(?:und|and|et|e|y|i|a|och|og|ja|en|și|si|és|та|и|και|ve|u|of|or|oder|ou|o)\s)\s*"
)
_SENTENCE_ENDS = re.compile(r"(?<=\w{3})[.!?] |\s?[|·•]\s?|:\s|。")
_CREDITS = re.compile(
    r"(?:foto|photo|bild|image|picture|grafi[ck]|web|design|hosting|umsetzung|r[ée]alisation)", re.IGNORECASE
)
_CALLED = re.compile(r"\s?:\s?(?:\+|\(?0\d|\S+@|[Tt]el)")
# Family names with the one-letter given name that only a label before them tells from other words.
_HAN_SHORT = re.compile(
    "[王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧程曹袁邓鄧许許傅沈曾彭吕蘇苏卢盧蒋蔡贾丁魏薛叶葉余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文][\u4e00-\u9fff]"
)
# "– Manager –", "Manager 030 901820".
_TITLE_ENDS = re.compile(r"^[–—|·•-]\s*|\s*(?:[–—|·•-]|\+?\(?\d[\d ()/.\-]{6,20})$")
_RUNG = re.compile(
    r"\s?(?:[,|–—-]\s)?\s?(?:(?:[Pp]uh|[Tt]el|[Mm]ob|[Tt]lf|[PpTtMm])[.:]{1,2}\s?)?(?:\+|\(?0)\d[\d ()/.\-]{5,24}\Z"
)
_BRACKETED = re.compile(r" ?\(([^()]{3,40})(?:\)|\Z)")
_PRESENTS = re.compile(
    r"(?:(?:Hi|Hello),? )?(?:I['’]m|I am|Meet|My name is|Ich bin|Je suis|Soy|Sono|Ik ben) (?=[^\W\d_])"
)
_ARTICLE = re.compile(r"(?:the|an?|our) ")
_GOES_ON = re.compile(r",? (?:based|who|with|has|from|living) |, ")
_DOCTOR = re.compile(r"(?<=\s)(?:Dr|Prof|Dipl|Dott|Drs|Mag)\b.+")
_LETTERS = re.compile(r"[^\W\d_]{3}")
_DIALLED = (f"{_MARK}mailto:", f"{_MARK}tel:")
_DASHES = frozenset({"–", "-"})
_ANNOUNCES = frozenset({":", "：", "—"})
_SEGMENTS = re.compile(r"[.:;|·•!?(]\s|,\s|\s[–—]\s|(?<=\w)\s?\(")
_MAX_LINE = 300
_MAX_SEGMENT = 12


class _Person(NamedTuple):
    name: str
    title: str | None
    context: str


def team(document: Document, kind: str | None = None, site: str = "") -> list[Fact]:
    """Facts of kind ``person``; ``detail`` is the contract's {name, title, email, linkedin} and phone (as written).
    ``kind`` is the kind of the page: on pages about the team any short line under a name is its title."""
    found: dict[str, Fact] = {}
    # A card says more about somebody than a sentence.
    shown = sorted(_shown(document, kind, site), key=lambda fact: len(fact.context) > MAX_NAME + MAX_TITLE // 2)
    for fact in (*_structured(document, site), *shown, *_named(document)):
        key = person_key(fact.value)
        if key not in found:
            found[key] = fact
        if len(found) >= MAX_PER_PAGE:
            break
    return list(found.values())


def person_key(name: str) -> str:
    """One for one person: the same for "Dr. Anna Meier" and "Anna Meier, MSc"."""
    words = [word for word in re.split(r"[\s,.]+", fold(bare(name) or name)) if len(word) > 1]
    return " ".join(words[-2:])


def address_of(name: str, emails: Iterable[str]) -> str | None:
    """The address whose local part is made of the person's first and last name."""
    plain = bare(name) or name
    shapes: set[str] = set()
    for folded in dict.fromkeys((fold(plain), fold(plain.casefold().translate(_DIGRAPHS)))):
        words = [word for word in re.split(r"[\s.]+", folded) if len(word) > 1]
        if len(words) < 2:
            continue
        first, last = words[0], words[-1]
        for one, other in ((first, last), (first[0], last), (last, first), (last, first[0]), (first, last[0])):
            shapes |= {f"{one}{between}{other}" for between in (".", "", "_", "-")}
        shapes |= {first, last}
    return next((address for address in emails if address.partition("@")[0] in shapes), None)


def _fact(name: str, title: str | None, method: str, context: str, **more: str | None) -> Fact:
    name = shown_name(name)
    detail = {"name": name, "title": title, "email": None, "linkedin": None, "phone": None, **more}
    return Fact("person", name, method, context[:120], detail)


# What pages tell machines


def _structured(document: Document, site: str) -> Iterator[Fact]:
    for thing in document.json_ld:
        founders = thing.get("founder") if is_organization(thing) else None
        for founder in founders if isinstance(founders, list) else [founders]:
            if (name := text_of(founder, 80)) and " " in name:
                yield _fact(name, _title_of(founder) or "Founder", "json-ld", "")
        if not is_person(thing):
            continue
        name = text_of(thing.get("name"), 80) or " ".join(
            filter(None, (text_of(thing.get("givenName"), 40), text_of(thing.get("familyName"), 40)))
        )
        if " " not in name and not is_name(name):
            continue
        title, email = text_of(thing.get("jobTitle"), 120), text_of(thing.get("email"))
        same = thing.get("sameAs")
        profiles = [profile_of(url) for url in (same if isinstance(same, list) else [same]) if isinstance(url, str)]
        linkedin = next((found[1] for found in profiles if found and found[0] == "linkedin"), None)
        # Authors of articles are persons too; without a title or an address nothing says that they work here.
        if title or email:
            address = clean(email.removeprefix("mailto:"), site) if email else None
            phone = text_of(thing.get("telephone"), 40)
            yield _fact(name, title, "json-ld", title or "", email=address, linkedin=linkedin, phone=phone)


def _title_of(person: object) -> str | None:
    return text_of(person.get("jobTitle"), 120) if isinstance(person, dict) else None


# What pages show


def _shown(document: Document, kind: str | None, site: str) -> Iterator[Fact]:
    lines = _lines(document.html)
    menu = frozenset(link.text for link in document.links)
    people = list(_people(lines, kind, document.lang, menu))
    starts = [start for _, start in people]
    gaps = [after - before for before, after in pairwise(starts) if after > before]
    # What follows the last card is no longer its person's.
    starts.append(starts[-1] + (max(gaps) if gaps else _ALONE) if starts else 0)
    for (person, start), end in zip(people, starts[1:], strict=True):
        end = min(max(end, start + 1), start + _REACH)
        beside = {} if kind in _LEGAL else _beside_them(lines[start:end], site)
        yield _fact(person.name, person.title, "text", person.context, **beside)


def _lines(html: str) -> list[str]:
    """The page's texts, one a line, with a marked line for each link that a person's card may hold."""
    tree = LexborHTMLParser(shallow(html))
    tree.strip_tags(_NOT_TEXT)
    if tree.body is None:
        return []
    for node in tree.css(_NOT_STAFF):
        if node.tag not in ("body", "main", "article", "section"):
            node.decompose()
    for node in tree.css(_CONTACTS)[:400]:
        attributes = node.attributes
        target = attributes.get("href") or ""
        node.insert_after(f"{_MARK}{attributes.get('data-cfemail') or target}\n")
    tree.unwrap_tags(_INLINE)
    tree.merge_text_nodes()
    text = tree.body.text(separator="\n")
    return [line for line in (" ".join(raw.split()) for raw in text.split("\n")) if line][:_MAX_LINES]


def _beside_them(lines: list[str], site: str) -> dict[str, str]:
    """The first e-mail, phone and LinkedIn address of a card."""
    found: dict[str, str] = {}
    for line in lines:
        if line[0] == _MARK:
            scheme, _, value = line[1:].partition(":")
            if not value and "/" not in scheme:
                _add_address(found, cloudflare(scheme), site)
            elif scheme.lower() == "mailto":
                _add_address(found, value.partition("?")[0].replace("%40", "@"), site)
            elif scheme.lower() == "tel":
                found.setdefault("phone", value.strip()[:40])
            elif profile := profile_of(line[1:]):
                found.setdefault("linkedin", profile[1])
        elif len(line) <= 100:
            if match := _ADDRESS.search(line):
                _add_address(found, f"{match[1]}@{_DOT.sub('.', match[2])}", site)
            if (match := _PHONE.search(line)) and (match[0][0] in "+0(" or _DOMESTIC.match(match[0])):
                found.setdefault("phone", match[0].strip())
    return found


def _add_address(found: dict[str, str], written: str, site: str) -> None:
    if "email" not in found and (address := clean(written, site)):
        found["email"] = address


def _people(lines: list[str], kind: str | None, lang: str, menu: frozenset[str]) -> Iterator[tuple[_Person, int]]:
    any_title, callable_ = kind == "team", kind in ("contact", "team", "about")
    may_be_alone = callable_ or kind in (None, "imprint")
    index = 0
    while index < len(lines):
        line = lines[index]
        if line[0] != _MARK and len(line) <= _MAX_LINE:
            persons = [person for person in _in_line(line, callable_) if _is_theirs(person, line, menu)]
            yield from ((person, index) for person in persons)
            if not persons and is_name(line):
                if found := _beside(lines, index, any_title, menu):
                    yield _Person(line, found[0], f"{line} {found[0]}"), index
                    index = found[1]
                elif has_honorific(line) or (
                    may_be_alone and has_given_name(line, lang) and _can_be_reached(lines, index, kind)
                ):
                    yield _Person(line, None, line), index
            elif not persons and may_be_alone and (doctor := _doctor(line)) and has_given_name(doctor, lang):
                yield _Person(doctor, None, line), index
        index += 1


def _doctor(line: str) -> str | None:
    """ "Praxis Dr. med. Anna Meier" """
    match = _DOCTOR.search(line) if len(line) <= MAX_NAME else None
    return match[0] if match and is_name(match[0]) else None


def _is_theirs(person: _Person, line: str, menu: frozenset[str]) -> bool:
    """Not whoever made the site, and no heading of a menu ("Personal Injury Guide")."""
    at = line.find(person.name)
    return at <= 0 or not (line in menu or names_third_party(line[:at]))


def _can_be_reached(lines: list[str], index: int, kind: str | None) -> bool:
    """Do an address, an e-mail address or a number follow the name in ``lines[index]``?"""
    following = lines[index + 1 : index + 5]
    for place, line in enumerate(following):
        digits = sum(map(str.isdigit, line))
        if place < 2 and ("@" in line or line.startswith(_DIALLED) or _PHONE.search(line, 0, 60)):
            return kind is not None
        if place == 0 and kind in ("team", "about") and _is_about(lines[index], line):
            return True
        if place == 0 and not (digits and len(line) <= 60 and _LETTERS.search(line)):
            return False
        if place and digits >= 4 and len(line) <= 60 and _LETTERS.search(line):
            return True
    return False


def _is_about(name: str, line: str) -> bool:
    """Does a paragraph begin with the name of the person it is about: "Anna joined us in …", "Dr. Meier is …"?"""
    words = bare(name).split()
    return len(line) > MAX_NAME and any(word.strip(",.") in (words[0], words[-1]) for word in line[:40].split()[:3])


def _beside(lines: list[str], index: int, any_title: bool, menu: frozenset[str]) -> tuple[str, int] | None:
    """The job title after (else before) the name in ``lines[index]``, and the line it ends at."""
    if _titles_lead(lines, index):
        return lines[index - 1].rstrip(" :："), index
    following = [place for place in range(index + 1, min(index + 4, len(lines))) if lines[place][0] != _MARK][:2]
    for place in following[:1]:
        if any(lines[place].startswith(person.name) for person in _in_line(lines[place])):
            return None
        if lines[place] in menu:
            break
        # "Key Account" could be a name, if its neighbour weren't one for sure.
        known = has_given_name(lines[index])
        if (
            _is_plain_title(lines[place])
            or (any_title and _may_be_title(lines[place], known))
            or (known and _is_between(lines, index, place))
        ):
            return _TITLE_ENDS.sub("", lines[place]), place
    if (
        index
        and lines[index - 1] not in menu
        and _is_plain_title(lines[index - 1])
        and not (index > 1 and is_name(lines[index - 2]))
    ):
        return lines[index - 1].rstrip(" :："), index
    return None


def _titles_lead(lines: list[str], index: int) -> bool:
    """Is it a list of title, name, title, name, …?"""
    if index == 0 or not _is_plain_title(lines[index - 1]):
        return False
    last = index
    while last + 2 < min(len(lines), index + _MAX_TURNS) and _is_turn(lines, last + 1):
        last += 2
    first = index
    while first > max(2, index - _MAX_TURNS) and _is_turn(lines, first - 1, -1):
        first -= 2
    return (
        last > first
        and _is_plain_title(lines[first - 1])
        and not (last + 1 < len(lines) and (_is_plain_title(lines[last + 1]) or lines[last + 1][0].islower()))
    )


def _is_turn(lines: list[str], title: int, step: int = 1) -> bool:
    return _is_plain_title(lines[title]) and is_name(lines[title + step])


def _is_plain_title(line: str) -> bool:
    return line[0] != _MARK and is_title(line) and not _says_else(line)


def _may_be_title(line: str, beside_name: bool = False) -> bool:
    if not (3 <= len(line) <= 60 and line[0].isalpha()) or _says_else(line):
        return False
    return not is_name(line) or (beside_name and not has_given_name(line))


def _is_between(lines: list[str], index: int, place: int) -> bool:
    """Does a short line stand between the name in ``lines[index]`` and an e-mail address?"""
    return (
        place == index + 1
        and place + 1 < len(lines)
        and len(lines[place]) <= 40
        and ("@" in lines[place + 1] or lines[place + 1].startswith(_DIALLED))
        and _may_be_title(lines[place], True)
        and not is_page_title(lines[place])
    )


def _says_else(line: str) -> bool:
    """A number to call, an address, a sentence: no title."""
    return "@" in line or sum(map(str.isdigit, line)) > 3 or line[-1] in ".!?:…。！？" or line.count(" ") > 9


def _in_line(line: str, may_lack_title: bool = False) -> Iterator[_Person]:
    """ "Name – Title", "Name, Title", "Name (Title)", "Title: Name and Name", "… Title Name …" in one line."""
    if presents := _PRESENTS.match(line):
        line = line[presents.end() :]
    for match in _JOINED.finditer(line[: MAX_NAME + MAX_TITLE]):
        before, after = line[: match.start()].strip(), line[match.end() :].strip(" )|·")
        if is_name(before):
            title = _cut(after)
            if article := _ARTICLE.match(title):
                # "…, the owner, has …"
                title = _GOES_ON.split(title[article.end() :], maxsplit=1)[0]
            if title and title.count(" ") <= 7 and is_title(title) and not is_name(title):
                yield _Person(before, title, line)
                return
            if may_lack_title and has_honorific(before):
                yield _Person(before, None, line)
                return
        elif match[0].strip() in _DASHES and is_title(before) and before.count(" ") < 4:
            # "Sales – Anna Meier"
            named = [_Person(name, own or before, line) for name, own in _leading_names(after) if has_given_name(name)]
            yield from named
            if named:
                return
        elif match[0].strip() in _ANNOUNCES:
            title = _SENTENCE_ENDS.split(before)[-1].strip()
            if title and is_title(title) and not _CREDITS.match(title):
                shared = None if title.casefold() in company_words()["responsible"] else title
                named = [_Person(name, own or shared, line) for name, own in _leading_names(after)]
                yield from named
                if named:
                    return
            elif not _CREDITS.match(before) and (
                named := [one for one in _in_line(after) if after.startswith(one.name) and has_given_name(one.name)]
            ):
                # "Questions: Anna Meier, Office Manager"
                yield from (one._replace(context=line) for one in named)
                return
            elif may_lack_title and is_page_title(before):
                # "Contact: John Smith"
                named = [_Person(name, own, line) for name, own in _leading_names(after) if has_given_name(name)]
                yield from named
                if named:
                    return
    for segment in _SEGMENTS.split(line):
        if person := _title_then_name(segment):
            yield person._replace(context=line)
    if may_lack_title and (called := _CALLED.search(line)):
        name = line[: called.start()].strip()
        if is_name(name) and name.split()[0].istitle():
            yield _Person(name, None, line)
            return
    if may_lack_title and line[-1].isdigit() and len(line) <= MAX_NAME + 30 and (rung := _RUNG.search(line)):
        name = line[: rung.start()].strip()
        if is_name(name) and has_given_name(name):
            yield _Person(name, None, line)


def _title_then_name(segment: str) -> _Person | None:
    """ "our Branch Manager Harriet Cole" """
    words = segment.split()
    for size in (3, 2, 1):
        before, name = words[:-size], " ".join(words[-size:])
        if not before or len(words) > _MAX_SEGMENT or not is_title(before[-1]) or not is_name(name):
            continue
        start = len(before) - 1
        while start and (before[start - 1][0].isupper() or is_title(before[start - 1])):
            start -= 1
        title = " ".join(before[start:])
        return None if _CREDITS.match(title) or has_honorific(title) else _Person(name, title, segment)
    return None


def _cut(text: str) -> str:
    """``text`` up to where contact data or another sentence begins."""
    parts = re.split(
        r"[|;()]|,? (?:\S*@|[Tt]el|[Mm]ob|int\b|ext\b|dahili|PWZ|№|\+?\d)|(?<=\w{4})\. |\s[–—-]\s(?:\d|dahili|ext|int)",
        text,
        maxsplit=1,
    )
    return parts[0].strip(" ,.:·–—-")


# People whom imprints and sentences name: "Geschäftsführer: Anna Meier und Paul Meier"


def _named(document: Document) -> Iterator[Fact]:
    for title, name, context in officers(document.text):
        yield _fact(name, title, "text", context)


def officers(text: str) -> Iterator[tuple[str | None, str, str]]:
    """(title as written or None, name, context) of those whom ``text`` says to run or own the business."""
    text = text[:100_000]
    for match in islice(_labels_in(text), MAX_PER_PAGE):
        rest = text[match.end() : match.end() + 200].lstrip(" :：.-–|\t")
        line, _, further = rest.partition("\n")
        begins = match.start() == 0 or text[match.start() - 1] == "\n"
        if not line.strip() and begins:
            line = further.partition("\n")[0]
        label = match[0].strip()
        title = None if label.casefold() in company_words()["responsible"] else label
        if title is None:
            # "Verantwortlich im Sinne der DSGVO: …"
            line = line.rpartition(":")[2] or further.partition("\n")[0]
        for name, own_title in _leading_names(line.strip()):
            yield own_title or title, shown_name(name), f"{label}: {line}"


def _leading_names(line: str) -> Iterator[tuple[str, str | None]]:
    """(name, title behind it) of the names that ``line`` begins with."""
    line = re.sub(r" \((?:FH|TU|BA|DH|Univ\.?)\)", "", line)
    # "Anna Meier (Chair), Paul Huber (Treasurer)"
    line = _BRACKETED.sub(
        lambda match: f" {match[1]}" if is_title(match[1]) and not match[1][0].islower() else match[0], line
    )
    parts = _BETWEEN_NAMES.split(re.split(r"[（(:：]", line, maxsplit=1)[0])[:6]
    found = [_name_at_start(part) for part in parts]
    for place, (part, name) in enumerate(zip(parts, found, strict=True)):
        if name is not None:
            following = _cut(parts[place + 1]) if name[1] is None and place + 1 < len(parts) else ""
            has_title = following and following.count(" ") <= 4 and is_title(following) and found[place + 1] is None
            yield (name[0], following) if has_title else name
        elif place + 1 < len(parts) and part.isalpha() and part.istitle() and (next_one := found[place + 1]):
            # "Anna und Paul Meier"
            yield f"{part} {next_one[0].split()[-1]}", None
        else:
            return


def _name_at_start(part: str) -> tuple[str, str | None] | None:
    words = part.split()
    for size in range(min(6, len(words)), 0, -1):
        name = " ".join(words[:size]).rstrip(".;:)|（(。")
        if is_name(name) or (size == 1 and _HAN_SHORT.fullmatch(name) and not is_title(name)):
            rest = " ".join(words[size:])
            if rest and is_of_no_name(words[size]):
                return None
            return name, rest if 0 < len(rest) <= 40 and is_title(rest) and not is_name(rest) else None
    if person := _title_then_name(part.strip(" 。.")):
        return person.name, person.title
    return None


def _labels_in(text: str) -> Iterator[re.Match[str]]:
    labels, firsts = _officer_labels()
    start = 0
    for line in text.split("\n"):
        if not firsts.isdisjoint(_NOT_WORD.split(line.casefold())) or _UNSPACED.search(line):
            yield from labels.finditer(text, start, start + len(line))
        start += len(line) + 1


@lru_cache(maxsize=1)
def _officer_labels() -> tuple[re.Pattern[str], frozenset[str]]:
    """What finds the labels, and the words of which a line must have one for that to be worth while."""
    words = company_words()
    titles = {title for titles in words["managers"].values() for title in titles} | {*words["responsible"]}
    ordered = sorted(titles, key=len, reverse=True)
    spaced = "|".join(re.escape(title) for title in ordered if not _UNSPACED.search(title))
    unspaced = "|".join(re.escape(title) for title in ordered if _UNSPACED.search(title))
    firsts = frozenset(_NOT_WORD.split(title.casefold())[0] for title in ordered)
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|(?:{unspaced})", re.IGNORECASE), firsts
