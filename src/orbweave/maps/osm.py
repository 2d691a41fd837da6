"""OpenStreetMap's tags read as a business. Pure: tags in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import phonenumbers

from orbweave.locations import Location
from orbweave.maps.dictionary import dictionary
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.place import Origin, Phone, Place

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
SOCIAL_URLS = {
    "facebook": "https://www.facebook.com/",
    "instagram": "https://www.instagram.com/",
    "twitter": "https://twitter.com/",
    "linkedin": "https://www.linkedin.com/company/",
    "youtube": "https://www.youtube.com/",
    "tiktok": "https://www.tiktok.com/@",
}
_TRACKING = re.compile(
    r"^(utm_\w+|gclid|fbclid|msclkid|dclid|yclid|mc_[ce]id|_hs\w+|igshid|y_source|wt_mc)$", re.IGNORECASE
)
_HOST = re.compile(r"^(?=.{4,253}$)([^\s.@/_]{1,63}\.)+[^\s.@/_\d]{2,63}$")
_EMAIL = re.compile(r"^[^\s@,;<>\"]{1,64}@(?:[\w-]{1,63}\.)+\w{2,63}$")
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
    return Place(
        place_id=feature.id,
        name=name(tags, lang),
        country=country,
        location_id=location.location_id,
        latitude=feature.latitude,
        longitude=feature.longitude,
        categories=categories(tags, lang),
        address=address(tags, country, location.country_name, location.name),
        phone=phone(tags, country),
        website=website(tags),
        email=email(tags),
        social_media=social_media(tags),
        working_hours=first(tags, ("opening_hours",)),
        link=link(feature.id),
        brand=first(tags, ("brand",)),
        image_url=normalise_url(tags.get("image", "")),
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
    return next((value for key in keys if (value := tags.get(key, "").strip())), None)


def name(tags: Tags, lang: str | None = None) -> str:
    return first(tags, (f"name:{lang}", *NAME_KEYS) if lang else NAME_KEYS) or ""


def phone(tags: Tags, country: str) -> Phone | None:
    """The first number that is valid, read as one of ``country``; else the first; None without any."""
    held = (value for key in PHONE_KEYS for value in re.split(r"[;,|]|\s/\s", tags.get(key, "")))
    phones = [parse_phone(raw.strip(), country) for raw in held if raw.strip()]
    return next((candidate for candidate in phones if candidate.valid), phones[0] if phones else None)


def parse_phone(raw: str, country: str) -> Phone:
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return Phone(raw, valid=False)
    if not phonenumbers.is_valid_number(number):
        return Phone(raw, valid=False)
    return Phone(
        raw,
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL),
        _PHONE_KINDS[phonenumbers.number_type(number)],
        True,
    )


def website(tags: Tags) -> str | None:
    candidates = (normalise_url(part) for key in WEBSITE_KEYS for part in split(tags.get(key, "")))
    return next((url for url in candidates if url), None)


def normalise_url(text: str) -> str | None:
    """An http(s) URL with a lower-case host and without tracking parameters; None when ``text`` is no web address."""
    text = text.strip()
    if not re.match(r"^[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        text = "https://" + text.lstrip("/")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not _HOST.match(host) or parts.username:
        return None
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(pair[0])])
    netloc = f"{host}:{port}" if port else host
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", query, parts.fragment))


def email(tags: Tags) -> str | None:
    parts = (part for key in EMAIL_KEYS for value in split(tags.get(key, "")) for part in value.split(","))
    found = (part.strip().removeprefix("mailto:") for part in parts)
    return next((address for address in found if _EMAIL.match(address)), None)


def social_media(tags: Tags) -> dict[str, str]:
    """Platform -> URL, also where the tag holds only the account's name."""
    found = {}
    for platform, base in SOCIAL_URLS.items():
        value = first(tags, (f"contact:{platform}", platform))
        if not value:
            continue
        account = split(value)[0]
        url = normalise_url(account) if "/" in account or account.count(".") > 1 else None
        if not url and re.fullmatch(r"@?[\w.-]+", account):
            url = base + account.lstrip("@")
        if url:
            found[platform] = url
    return found


# Countries that write the house number before the street.
_NUMBER_FIRST = frozenset(["AD", "AU", "CA", "FR", "GB", "IE", "LU", "MC", "MA", "NZ", "TH", "TN", "US", "ZA"])


def address(tags: Tags, country: str, country_name: str, city: str) -> str:
    """One line by the custom of ``country``; ``city`` stands in where the tags name none."""

    def part(key: str) -> str:
        return (first(tags, (f"addr:{key}", f"contact:{key}")) or "").strip()

    street, number = part("street") or part("place"), part("housenumber")
    line = f"{number} {street}" if country in _NUMBER_FIRST else f"{street} {number}"
    town = f"{part('postcode')} {part('city') or city}"
    line = line.strip() if street else part("housename") or part("full")
    return ", ".join(piece for piece in (line, town.strip(), country_name) if piece)
