"""OpenStreetMap's tags read as a business. Pure: tags in, values out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

import idna
import phonenumbers

from orbweave.locations import Location
from orbweave.maps.addresses import address
from orbweave.maps.dictionary import dictionary
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.opening_hours import is_readable, weekly
from orbweave.maps.place import Origin, Phone, Place
from orbweave.maps.socials import KEYS as SOCIAL_KEYS
from orbweave.maps.socials import profile, profile_of

Tags = Mapping[str, str]

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
LICENSE = "ODbL-1.0"

FEATURE_KEYS = ("amenity", "shop", "office", "craft", "tourism", "leisure", "healthcare", "club", "education")
NAME_KEYS = ("name", "brand", "operator")
BRAND_KEYS = ("brand:wikidata", "operator:wikidata")

# Street furniture, utilities and open ground: mapped under the same keys, but nobody to write to.
_NO_BUSINESS = {
    "amenity": """
        atm baking_oven bbq bench bicycle_parking bicycle_repair_station binoculars clock compressed_air
        device_charging_station dog_toilet dressing_room drinking_water feeding_place fountain game_feeding give_box
        grave_yard grit_bin
        hunting_stand kneipp_water_cure lavoir letter_box loading_dock locker lounger mailroom motorcycle_parking
        parcel_locker parking parking_entrance parking_space payment_terminal photo_booth piano post_box public_bookcase
        recycling relay_box sanitary_dump_station shelter shower smoking_area spring_board table taxi telephone
        ticket_validator toilets trolley_bay vacuum_cleaner vending_machine waste_basket waste_disposal
        waste_transfer_station water_point watering_place weighbridge""",
    "tourism": """
        artwork camp_pitch information lean_to picnic_site picnic_table trail_riding_station viewpoint wilderness_hut
        yes""",
    "leisure": """
        bandstand bird_hide bleachers common dog_park firepit fitness_station garden horse_riding_trail
        nature_reserve outdoor_seating park picnic_table pitch playground slipway swimming_area swimming_pool track""",
}
NO_BUSINESS = {key: frozenset(values.split()) for key, values in _NO_BUSINESS.items()}
_STAFFED_INFORMATION = frozenset({"office", "visitor_centre"})
_GONE = frozenset({"no", "vacant", "disused", "abandoned", "closed"})
_GONE_FLAGS = ("disused", "abandoned", "demolished", "razed", "removed", "was")

PHONE_KEYS = ("phone", "contact:phone", "mobile", "contact:mobile", "phone:mobile")
WEBSITE_KEYS = ("website", "contact:website", "url", "contact:url", "brand:website", "operator:website")
EMAIL_KEYS = ("email", "contact:email")
_TRACKING = re.compile(
    r"^(utm_\w+|gclid|gbraid|wbraid|gad_\w+|fbclid|msclkid|dclid|yclid|mc_[ce]id|_hs\w+|igshid?|y_source|wt_mc|srsltid)$",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOST = re.compile(r"^(?=.{4,253}$)([^\s.@/_]{1,63}\.)+(?:xn--[a-z\d-]{1,59}|[^\s.@/_\d]{2,63})$")
_EMAIL = re.compile(r"^[^\s@,;<>\"]{1,64}@(?:[\w-]{1,63}\.)+\w{2,63}$")
_SEPARATOR = re.compile(r"[;,|]|\s/\s")
_PHONE_KINDS = {value: name.lower() for name, value in vars(phonenumbers.PhoneNumberType).items() if name.isupper()}


_TYPES = {"n": "node", "w": "way", "r": "relation"}


def place(
    feature: Feature,
    location: Location,
    dataset: Dataset,
    *,
    lang: str | None = None,
    origins: tuple[Origin, ...] = (),
    district_id: int | None = None,
) -> Place:
    """``origins``: the other records of the same business."""
    tags, country = feature.tags, location.country_code
    license = feature.license or dataset.license
    numbers = phones(tags, country)
    hours = opening_hours(tags)
    return Place(
        place_id=feature.id,
        name=name(tags, lang),
        country=country,
        location_id=location.location_id,
        latitude=feature.latitude,
        longitude=feature.longitude,
        categories=categories(tags, lang),
        address=address(tags, country, location.country_name, location.name),
        phone=numbers[0] if numbers else None,
        phones=numbers,
        website=website(tags),
        email=email(tags),
        social_media=social_media(tags),
        working_hours=weekly(hours) if hours else None,
        opening_hours=hours,
        link=link(feature.id),
        brand=first(tags, ("brand",)),
        brand_wikidata=first(tags, ("brand:wikidata",)),
        wheelchair=first(tags, ("wheelchair",)),
        cuisine=tuple(split(tags["cuisine"])) if "cuisine" in tags else (),
        image_url=normalise_url(tags["image"]) if "image" in tags else None,
        source=dataset.source,
        source_license=license,
        source_version=dataset.version,
        attribution=dataset.attribution,
        origins=(Origin(dataset.source, feature.id, license, dataset.version), *origins),
        expires_at=feature.expires_at,
        district_id=district_id,
        tags=dict(tags),
    )


def link(id: str) -> str | None:
    """Where the object ``osm:n123`` can be seen; None for what is not OpenStreetMap's."""
    source, _, object_id = id.partition(":")
    return f"https://www.openstreetmap.org/{_TYPES[object_id[0]]}/{object_id[1:]}" if source == "osm" else None


def categories(tags: Tags, lang: str | None = None) -> tuple[str, ...]:
    """Kinds of business, most special first, then cuisines; in ``lang`` where the dictionary knows it."""
    telling = _telling()
    return _categories(tuple([tag for tag in tags.items() if tag[0] in telling]), lang)


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """The keys that categories are told by."""
    keys = {key for category in dictionary().categories for tags in category.alternatives for key in tags}
    return frozenset((*keys, *FEATURE_KEYS, "cuisine"))


@lru_cache(maxsize=4096)
def _categories(telling: tuple[tuple[str, str], ...], lang: str | None) -> tuple[str, ...]:
    tags = dict(telling)
    kinds = dictionary().categories_of(tags, lang) or tuple(
        _readable(value)
        for key in FEATURE_KEYS
        for value in split(tags.get(key, ""))
        if value not in _GONE and value != "yes"
    )
    cuisines = (_readable(value) for value in split(tags.get("cuisine", "")))
    named = " ".join(kinds).lower()
    return (*kinds, *(cuisine for cuisine in dict.fromkeys(cuisines) if cuisine.lower() not in named))


def _readable(value: str) -> str:
    return value.replace("_", " ").strip().capitalize()


def is_business(tags: Tags) -> bool:
    """Whether the object is a named business or institution that (still) exists."""
    if not any(tags.get(key, "").strip() for key in NAME_KEYS):
        return False
    if any(tags.get(flag) == "yes" for flag in _GONE_FLAGS):
        return False
    return is_feature(tags)


def is_feature(tags: Tags) -> bool:
    """Whether the tags make the object a kind of business or institution."""
    return any(_is_wanted(key, tags) for key in FEATURE_KEYS)


def _is_wanted(key: str, tags: Tags) -> bool:
    if key == "tourism" and tags.get("information") in _STAFFED_INFORMATION:
        return True
    values = split(tags.get(key, ""))
    return any(value not in _GONE and value not in NO_BUSINESS.get(key, ()) for value in values)


# What no business field is made of: provenance, geometry and the mapper's notes.
_DROPPED = (
    "source", "created_by", "note", "fixme", "building", "roof", "layer", "ele", "wikipedia", "survey", "ref:", "area",
    "start_date", "boundary", "mapillary", "natural", "landuse", "seamark", "check_date", "brand:wikipedia", "mtb",
    "hiking",
)  # fmt: skip


def kept(tags: Tags) -> dict[str, str]:
    """The tags that are kept of a business."""
    return {key: value for key, value in tags.items() if not key.startswith(_DROPPED)}


# What a lead is made of: keys that begin so.
INFORMATIVE = (
    "phone", "mobile", "website", "url", "email", "contact:", "opening_hours", "addr:", "brand", "wikidata", "cuisine",
    "wheelchair", "facebook", "instagram", "twitter", "linkedin", "youtube", "tiktok", "image", "operator", "stars",
)  # fmt: skip


def kinds(tags: Tags) -> frozenset[str]:
    """``amenity=restaurant`` and the like: what kinds of business the tags name."""
    return frozenset(f"{key}={value}" for key in FEATURE_KEYS for value in split(tags.get(key, "")))


def split(value: str) -> list[str]:
    """The values of a tag that holds several."""
    return [part.strip() for part in value.split(";") if part.strip()]


def first(tags: Tags, keys: Iterable[str]) -> str | None:
    for key in keys:
        if key in tags and (value := tags[key].strip()):
            return value
    return None


def name(tags: Tags, lang: str | None = None) -> str:
    """The name in ``lang`` ("pt-BR", else "pt") where there is one, else the local one."""
    wanted = (f"name:{lang}", f"name:{lang.split('-')[0]}") if lang else ()
    return first(tags, (*wanted, *NAME_KEYS)) or ""


def phones(tags: Tags, country: str) -> tuple[Phone, ...]:
    """All valid numbers, read as of ``country``, each once."""
    found: dict[str | None, Phone] = {}
    for raw in _phones(tags):
        number = parse_phone(raw, country)
        if number.valid:
            found.setdefault(number.e164, number)
    return tuple(found.values())


def with_unchecked_phones(place: Place) -> Place:
    """All numbers as they are written, valid or not."""
    numbers = tuple(Phone(raw) for raw in dict.fromkeys(_phones(place.tags)))
    numbers = numbers or tuple(Phone(number.raw) for number in place.phones)
    return replace(place, phone=numbers[0] if numbers else None, phones=numbers)


def _phones(tags: Tags) -> list[str]:
    held = (part.strip() for key in PHONE_KEYS if key in tags for part in _SEPARATOR.split(tags[key]))
    return [raw for raw in held if raw]


@lru_cache(maxsize=4096)
def parse_phone(raw: str, country: str) -> Phone:
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return Phone(raw, valid=False)
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:  # the same as not valid, and asked once
        return Phone(raw, valid=False)
    return Phone(
        raw,
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL),
        _PHONE_KINDS[kind],
        True,
    )


def website(tags: Tags) -> str | None:
    return next(filter(None, map(normalise_url, _websites(tags))), None)


def _websites(tags: Tags) -> Iterator[str]:
    return (part for key in WEBSITE_KEYS if key in tags for part in split(tags[key]))


@lru_cache(maxsize=4096)
def normalise_url(text: str) -> str | None:
    """An http(s) URL with a lower-case ASCII host and without tracking parameters; None when ``text`` is no web
    address."""
    text = text.strip()
    if not _SCHEME.match(text):
        text = "https://" + text.lstrip("/")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except ValueError:  # idna's errors are too
        return None
    if parts.scheme.lower() not in ("http", "https") or not _HOST.match(host) or parts.username:
        return None
    query = "&".join(pair for pair in parts.query.split("&") if not _TRACKING.match(pair.partition("=")[0]))
    netloc = f"{host}:{port}" if port else host
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", query, parts.fragment))


def email(tags: Tags) -> str | None:
    return next(filter(None, map(normalise_email, _emails(tags))), None)


def _emails(tags: Tags) -> Iterator[str]:
    held = (part for key in EMAIL_KEYS if key in tags for part in re.split("[;,]", tags[key]))
    return (part.strip() for part in held if part.strip())


def normalise_email(text: str) -> str | None:
    """With a lower-case domain; None when ``text`` is no address."""
    text = text.strip().removeprefix("mailto:").partition("?")[0]
    if not _EMAIL.match(text):
        return None
    account, _, domain = text.rpartition("@")
    return f"{account}@{domain.lower()}"


def social_media(tags: Tags) -> dict[str, str]:
    """Platform -> canonical URL, also where a tag holds only the account's name, or the website is a profile."""
    found: dict[str, str] = {}
    for platform, text in _socials(tags):
        if platform not in found and (url := profile(platform, text)):
            found[platform] = url
    for text in _websites(tags):
        if (site := profile_of(text)) and site[0] not in found:
            found[site[0]] = site[1]
    return found


def _socials(tags: Tags) -> Iterator[tuple[str, str]]:
    return ((SOCIAL_KEYS[key], part) for key in tags if key in SOCIAL_KEYS for part in split(tags[key])[:1])


def opening_hours(tags: Tags) -> str | None:
    """As it is written, if it can be read."""
    hours = first(tags, ("opening_hours",))
    return hours if hours and is_readable(hours) else None


def dropped(tags: Tags, country: str) -> Counter[str]:
    """Field -> how many of its values are no good, and so are not in the place."""
    counts: Counter[str] = Counter()
    if tags.keys().isdisjoint(_CHECKED):
        return counts
    counts["phone"] = sum(not parse_phone(raw, country).valid for raw in _phones(tags))
    counts["website"] = sum(normalise_url(text) is None for text in _websites(tags))
    counts["email"] = sum(normalise_email(text) is None for text in _emails(tags))
    counts["social_media"] = sum(profile(platform, text) is None for platform, text in _socials(tags))
    counts["opening_hours"] = bool(first(tags, ("opening_hours",))) and opening_hours(tags) is None
    counts["image"] = "image" in tags and normalise_url(tags["image"]) is None
    return +counts


_CHECKED = frozenset((*PHONE_KEYS, *WEBSITE_KEYS, *EMAIL_KEYS, *SOCIAL_KEYS, "opening_hours", "image"))
