"""One business once: records of the same business, from two sources or mapped twice, are found by name, address,
phone, website and distance. Pure, and in flat memory for a country.

Two records are the same business when nothing about them differs that one business has but once, and

- in one source: same name and kind, one of them an area (a building, the other a node in it or another area), at most
  ``AREA_M`` apart, or both nodes at most ``NODES_M`` apart;
- in two sources: names alike, at most ``APART_M`` apart, and the same kind, phone, website or address.

Two branches of a chain in one street stay two: they differ in address, phone or page, or are farther apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from math import floor, inf
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from orbweave.locations import fold
from orbweave.maps import osm
from orbweave.maps.distance import metres
from orbweave.maps.feature import Feature
from orbweave.maps.packaged import names_of

AREA_M = 120.0
NODES_M = 30.0
APART_M = 150.0
ALIKE = 0.84
"""How much of two names must be equal, letter by letter."""

MOST_NEAR = 64
"""Records of one word and cell that a record is compared with: what hundreds have in their names tells nothing."""

_ROW_DEGREES = 0.002  # 222 m: what is near lies in the same row or in the next
_COLUMN_DEGREES = 0.004
_NUMBER = re.compile(r"\d+")
_DIGITS = re.compile(r"\D+")
_ONCE = ("level", "ref", "branch", "addr:unit", "addr:door", "addr:floor")
"""Tags that tell two businesses of one name and building apart."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared. ``phones``: the last seven digits. ``sites``: host and path. ``worth``: how much is known."""

    dataset: int
    is_area: bool
    names: frozenset[str]
    kinds: frozenset[str]
    phones: frozenset[str]
    sites: frozenset[str]
    address: tuple[str, str]
    postcode: str
    once: tuple[str, ...]
    brand: str
    worth: int
    kept: float
    """Until when, in seconds since 1970."""

    @classmethod
    def of(cls, id: str, tags: Mapping[str, str], dataset: int, expires_at: datetime | None = None) -> Facts:
        held = (part for key in osm.PHONE_KEYS if key in tags for part in re.split(r"[;,|]|\s/\s", tags[key]))
        phones = frozenset(digits[-7:] for part in held if len(digits := _DIGITS.sub("", part)) >= 6)
        pages = (page for key in osm.WEBSITE_KEYS[:4] for page in osm.split(tags.get(key, "")))
        street = tags.get("addr:street") or tags.get("addr:place") or ""
        return cls(
            dataset=dataset,
            is_area=id.startswith(("osm:w", "osm:r")),
            names=_names(tags),
            kinds=osm.kinds(tags),
            phones=phones,
            sites=frozenset(filter(None, map(_site, pages))),
            address=(fold(street), fold(tags.get("addr:housenumber", ""))),
            postcode=fold(tags.get("addr:postcode", "")),
            once=tuple(tags.get(key, "") for key in _ONCE),
            brand=tags.get("brand:wikidata") or fold(tags.get("brand", "")),
            worth=sum(1 for key in tags if key.startswith(osm.INFORMATIVE)),
            kept=expires_at.timestamp() if expires_at else inf,
        )


def _names(tags: Mapping[str, str]) -> frozenset[str]:
    """Its own; whoever runs it may run others too."""
    own = {key: value for key, value in tags.items() if key not in ("brand", "operator")}
    return frozenset(names_of(own) or names_of(tags))


def _site(page: str) -> str:
    try:
        parts = urlsplit(page if "//" in page else f"//{page}")
    except ValueError:
        return ""
    return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/').lower()}"


def same(one: Facts, other: Facts, distance_m: float) -> bool:
    """Whether two records are of the same business."""
    if _differ(one, other):
        return False
    shared = one.phones & other.phones or one.sites & other.sites
    if one.dataset == other.dataset:
        if not (one.names & other.names and one.kinds & other.kinds):
            return False
        return distance_m <= (AREA_M if one.is_area or other.is_area else NODES_M)
    if distance_m > APART_M or not _alike(one.names, other.names):
        return False
    at_one_address = all(one.address) and one.address == other.address
    return bool(shared or at_one_address or one.kinds & other.kinds)


def _differ(one: Facts, other: Facts) -> bool:
    """Whether something says that they are two."""
    if any(a and b and a != b for a, b in zip(one.once, other.once, strict=True)):
        return True
    if one.brand and other.brand and one.brand != other.brand:
        return True
    if one.postcode and other.postcode and one.postcode != other.postcode:
        return True
    # Sources spell streets differently; house numbers they don't.
    part = slice(None) if one.dataset == other.dataset else slice(1, None)
    if all(one.address) and all(other.address) and one.address[part] != other.address[part]:
        return True
    if one.phones and other.phones and not one.phones & other.phones:
        return not one.sites & other.sites
    return bool(one.sites and other.sites and not one.sites & other.sites and not one.phones & other.phones)


def _alike(names: frozenset[str], others: frozenset[str]) -> bool:
    if names & others:
        return True
    for name in names:
        for other in others:
            if _NUMBER.findall(name) != _NUMBER.findall(other):
                continue
            few, many = sorted((set(name.split()), set(other.split())), key=len)
            if few < many and sum(map(len, few)) >= 5:
                return True
            if len(name) > 5 and SequenceMatcher(None, name, other).ratio() >= ALIKE:
                return True
    return False


def duplicates(
    latitudes: Any, longitudes: Any, facts: Callable[[int], Facts], *, of: Sequence[int] | None = None
) -> dict[int, int]:
    """Number of a record -> number of the record that stands for its business, for those that are not that record
    themselves. ``of``: which numbers to look at, by default all; ``facts`` is asked once for each."""
    latitudes, longitudes = np.asarray(latitudes, dtype=float), np.asarray(longitudes, dtype=float)
    numbers = np.arange(len(latitudes)) if of is None else np.asarray(of, dtype=np.int64)
    ordered = numbers[np.lexsort((numbers, np.floor(latitudes[numbers] / _ROW_DEGREES)))]
    pairs = list(_pairs(ordered.tolist(), latitudes, longitudes, facts))
    partners: dict[int, set[int]] = defaultdict(set)
    ranks: dict[int, Rank] = {}
    for one, other, rank, other_rank in pairs:
        partners[one].add(other)
        partners[other].add(one)
        ranks[one], ranks[other] = rank, other_rank
    found: dict[int, int] = {}
    standing: set[int] = set()
    for number in sorted(partners, key=ranks.__getitem__):
        if number not in found:
            standing.add(number)
            found.update((other, number) for other in partners[number] if other not in found and other not in standing)
    return found


Rank = tuple[float, int, int, int]
"""Lowest first: what may be kept longest, then the first source, then who knows most, then the first read."""


def _pairs(
    ordered: list[int], latitudes: Any, longitudes: Any, facts: Callable[[int], Facts]
) -> Iterator[tuple[int, int, Rank, Rank]]:
    """Pairs that are the same business. Rows of the grid go by from south to north; two are held."""
    rows: tuple[int, _Row, _Row] = (-(10**9), defaultdict(list), defaultdict(list))
    for number in ordered:
        latitude, longitude = float(latitudes[number]), float(longitudes[number])
        at, row, below = rows
        if (here := floor(latitude / _ROW_DEGREES)) != at:
            below = row if here == at + 1 else defaultdict(list)
            row = defaultdict(list)
            rows = (here, row, below)
        column = floor(longitude / _COLUMN_DEGREES)
        one = facts(number)
        compared = {number}
        for key in _keys(one):
            for cells in (row, below):
                for near in (column - 1, column, column + 1):
                    for seen in cells.get((near, key), ())[-MOST_NEAR:]:
                        if seen.number in compared:
                            continue
                        compared.add(seen.number)
                        distance = metres(latitude, longitude, seen.latitude, seen.longitude)
                        if same(one, seen.facts, distance):
                            yield number, seen.number, _rank(number, one), _rank(seen.number, seen.facts)
            row[column, key].append(_Seen(number, latitude, longitude, one))


@dataclass(frozen=True, slots=True)
class _Seen:
    number: int
    latitude: float
    longitude: float
    facts: Facts


_Row = defaultdict[tuple[int, str], list[_Seen]]


def _rank(number: int, facts: Facts) -> Rank:
    return -facts.kept, facts.dataset, -facts.worth, number


def _keys(facts: Facts) -> set[str]:
    """Records of one business share one of these: a name or a word of one, a phone or a page."""
    words = {word for name in facts.names for word in name.split() if len(word) > 3}
    return words | facts.names | facts.phones | facts.sites


def merged(features: Sequence[Feature]) -> list[tuple[Feature, tuple[str, ...]]]:
    """Features of one source, each business once and in their order, with what its other records know and their ids."""
    same = duplicates(
        [one.latitude for one in features],
        [one.longitude for one in features],
        lambda number: Facts.of(features[number].id, features[number].tags, 0),
    )
    others: dict[int, list[Feature]] = defaultdict(list)
    for number, stands in sorted(same.items()):
        others[stands].append(features[number])
    businesses = []
    for number, one in enumerate(features):
        if number not in same:
            more = others[number]
            tags = combined(one.tags, [other.tags for other in more])
            businesses.append((replace(one, tags=tags), tuple(other.id for other in more)))
    return businesses


def combined(tags: Mapping[str, str], others: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a business: its own, and what the other records know and it does not. An address is of one record."""
    result = dict(tags)
    for more in others:
        has_address = any(key in result for key in ("addr:street", "addr:place"))
        for key, value in more.items():
            if key.startswith(osm.INFORMATIVE) and not (has_address and key.startswith("addr:")):
                result.setdefault(key, value)
    return result
