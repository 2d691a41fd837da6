"""Places drawn on the outline of their country: one HTML file that needs nothing else, or a PNG.

Coordinates are Mercator's on a square world of ``WORLD`` steps, y downwards; countries across the 180th meridian go on
beyond its edge.
"""

from __future__ import annotations

import contextlib
import html as escaping
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    import shapely
    from PIL import ImageDraw, ImageFont

WORLD = 1 << 29  # steps of 7 cm at most
NORTHERNMOST = 85.0
TOWNS = 400
NEAR = 1 / 6
"""Share of a large country that places are in at most for the map to begin there."""
LARGE = WORLD / 100
"""About 400 km at the equator, 270 in Central Europe."""
KINDS = ("#d1495b", "#00798c", "#edae49", "#30638e", "#7b5ea7", "#5f9f4f", "#b5651d")
OTHER = "#7f8790"
SEA, LAND, SHORE, INK, FAINT = "#e4ecf2", "#fbfaf6", "#aab4bd", "#22303c", "#66727d"


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def round(cls, points: Iterable[tuple[float, float]]) -> Box | None:
        xs, ys = zip(*points, strict=True) if (points := list(points)) else ((), ())
        return cls(min(xs), min(ys), max(xs), max(ys)) if xs else None

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def joined(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grown(self, share: float, least: float) -> Box:
        """By that share on each side, to ``least`` wide and high."""
        x = max(self.width * share, (least - self.width) / 2)
        y = max(self.height * share, (least - self.height) / 2)
        return Box(self.left - x, self.top - y, self.right + x, self.bottom + y)


class Point(NamedTuple):
    x: int
    y: int
    category: str
    name: str
    address: str
    phone: str
    website: str


class Kind(NamedTuple):
    name: str
    colour: str
    places: int


class PlaceMap:
    """``attribution`` of the places; that of the outline and the towns is added."""

    def __init__(self, country: str, title: str, attribution: str) -> None:
        from orbweave import locations
        from orbweave.locations import outlines
        from orbweave.maps import osm, packaged

        # Of the smallest countries Natural Earth knows little more than that they are there.
        border = packaged.outline(country)
        outline, credit = (border, osm.ATTRIBUTION) if border else (locations.outline(country), outlines.ATTRIBUTION)
        credits = [attribution, f"Towns: {locations.ATTRIBUTION}", f"Outline: {credit}" * (credit not in attribution)]
        self.title = title
        self.attribution = " · ".join(filter(None, credits))
        self.points: list[Point] = []
        self._country = country
        self._across = _is_across(outline)
        self.polygons = [
            [self._ring(ring.coords) for ring in (part.exterior, *part.interiors)] for part in outline.geoms
        ]

    def add(self, business: Mapping[str, Any]) -> None:
        at = business["coordinates"]
        website = business["website"] or ""
        self.points.append(
            Point(
                *self._step(at["longitude"], at["latitude"]),
                next(iter(business["categories"]), ""),
                business["name"],
                business["address"] or "",
                business["phone"] or "",
                website if website.startswith(("http://", "https://")) else "",
            )
        )

    @property
    def count(self) -> str:
        return f"{len(self.points):,} {'business' if len(self.points) == 1 else 'businesses'}"

    @cached_property
    def towns(self) -> list[tuple[int, int, str]]:
        """The largest first."""
        from orbweave.locations import load

        largest = sorted(load(self._country), key=lambda town: (-town.population, town.location_id))[:TOWNS]
        return [(*self._step(town.longitude, town.latitude), town.name) for town in largest]

    @cached_property
    def kinds(self) -> list[Kind]:
        """The most frequent first; the rest is one."""
        counted = Counter(point.category for point in self.points).most_common()
        shown = counted if len(counted) <= len(KINDS) else counted[: len(KINDS) - 1]
        kinds = [Kind(name or "Other", colour, count) for (name, count), colour in zip(shown, KINDS, strict=False)]
        rest = len(self.points) - sum(kind.places for kind in kinds)
        return [*kinds, Kind("Other", OTHER, rest)] if rest else kinds

    def kind_of(self, point: Point) -> int:
        return next(
            (number for number, kind in enumerate(self.kinds) if kind.name == (point.category or "Other")),
            len(self.kinds) - 1,
        )

    @cached_property
    def whole(self) -> Box:
        """The country without its remote islets, and all points."""
        boxes = [box for polygon in self.polygons if (box := Box.round(polygon[0]))]
        largest = max((box.width * box.height for box in boxes), default=0)
        shown = [box for box in boxes if box.width * box.height > largest / 50]
        shown += [box] if (box := self._spread) else []
        shown = shown or [box for x, y, _ in self.towns[:20] if (box := Box(x, y, x, y))] or [Box(0, 0, WORLD, WORLD)]
        joined = shown[0]
        for box in shown[1:]:
            joined = joined.joined(box)
        return joined.grown(0.04, WORLD / 100_000)

    @cached_property
    def view(self) -> Box:
        """What to show first: the whole, or the part with the places where that is a small one of a large country."""
        if (spread := self._spread) is None or max(self.whole.width, self.whole.height) < LARGE:
            return self.whole
        near = spread.grown(0.25, min(self.whole.width, self.whole.height) / 12)
        return near if max(near.width / self.whole.width, near.height / self.whole.height) < NEAR else self.whole

    @cached_property
    def _spread(self) -> Box | None:
        return Box.round((point.x, point.y) for point in self.points)

    def _ring(self, coordinates: Iterable[tuple[float, ...]]) -> list[tuple[int, int]]:
        return [self._step(longitude, latitude) for longitude, latitude in coordinates]

    def _step(self, longitude: float, latitude: float) -> tuple[int, int]:
        if self._across and longitude < 0:
            longitude += 360
        latitude = max(-NORTHERNMOST, min(NORTHERNMOST, latitude))
        y = 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
        return round((longitude / 360 + 0.5) * WORLD), round(y * WORLD)


def _is_across(outline: shapely.MultiPolygon) -> bool:
    """Whether the country is narrower when it goes on beyond 180 degrees."""
    import shapely

    if outline.is_empty:
        return False
    longitudes = shapely.get_coordinates(outline)[:, 0]
    return bool((longitudes % 360).max() - (longitudes % 360).min() < longitudes.max() - longitudes.min())


def html(drawn: PlaceMap) -> bytes:
    data = {
        "title": drawn.title,
        "count": drawn.count,
        "attribution": drawn.attribution,
        "world": WORLD,
        "polygons": [[list(chain.from_iterable(ring)) for ring in polygon] for polygon in drawn.polygons],
        "towns": drawn.towns,
        "kinds": [[kind.name, kind.colour, kind.places] for kind in drawn.kinds],
        "points": [[point.x, point.y, drawn.kind_of(point), *point[2:]] for point in drawn.points],
        "whole": list(drawn.whole),
        "view": list(drawn.view),
        "colours": {"sea": SEA, "land": LAND, "shore": SHORE, "ink": INK, "faint": FAINT},
    }
    # Inside a script element only "<" could end it.
    json = orjson.dumps(data).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    page = (files("orbweave.cli") / "data" / "place_map.html").read_text(encoding="utf-8")
    for name, value in (("TITLE", escaping.escape(drawn.title)), ("DATA", json)):
        before, _, after = page.partition(f"@{name}@")
        page = before + value + after
    return page.encode()


SIZE = (1600, 1200)
FINE = 2
"""Drawn so many times larger and made smaller, for smooth edges."""


def png(drawn: PlaceMap) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), SEA)
    _Sheet(drawn, ImageDraw.Draw(image, "RGBA")).draw()
    small = image.resize(SIZE, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


class _Sheet:
    """Lengths are pixels of the finished picture."""

    def __init__(self, drawn: PlaceMap, pen: ImageDraw.ImageDraw) -> None:
        self._drawn, self._pen = drawn, pen

    def draw(self) -> None:
        width, height = SIZE
        labels = [f"{kind.name}  ({kind.places:,})" for kind in self._drawn.kinds]
        wide = max((_font(20).getlength(label) / FINE + 76 for label in labels), default=0)
        left = 50 + wide
        view = _Window(self._drawn.view, (left, 130, width - left - 50, height - 210))
        self._land(view, Box(0, 0, width, height))
        size = 0.6 if len(self._drawn.points) > 4000 else 0.8 if len(self._drawn.points) > 800 else 1.0
        for point in self._drawn.points:
            self._dot(*view.at(point.x, point.y), self._drawn.kinds[self._drawn.kind_of(point)].colour, size)
        self._towns(view)
        self._head()
        if labels:
            self._legend(labels, wide)
        if self._drawn.view != self._drawn.whole:
            self._locator(Box(*view.under(0, 0), *view.under(width, height)))
        self._credit()

    def _land(self, window: _Window, clip: Box, fill: str = LAND, shore: str | None = SHORE) -> None:
        import shapely

        for exterior, *holes in self._drawn.polygons:
            polygon = shapely.Polygon(
                [window.at(*at) for at in exterior], [[window.at(*at) for at in r] for r in holes]
            )
            inside = shapely.clip_by_rect(shapely.make_valid(polygon), *clip.grown(0.01, 0))
            for part in shapely.get_parts(inside):
                if not isinstance(part, shapely.Polygon):
                    continue
                self._polygon(part.exterior.coords, fill, shore)
                for hole in part.interiors:
                    self._polygon(hole.coords, SEA, shore)

    def _polygon(self, ring: Iterable[tuple[float, ...]], fill: str, shore: str | None) -> None:
        points = [(x * FINE, y * FINE) for x, y in ring]
        self._pen.polygon(points, fill=fill)
        if shore:
            self._pen.line(points, fill=shore, width=round(1.5 * FINE), joint="curve")

    def _towns(self, window: _Window) -> None:
        taken: list[Box] = []
        font = _font(17)
        for at_x, at_y, name in self._drawn.towns:
            x, y = window.at(at_x, at_y)
            half = font.getlength(name) / FINE / 2 + 8
            box = Box(x - half, y - 12, x + half, y + 30)
            if not (0 < x < SIZE[0] and 100 < y < SIZE[1] - 60) or any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            self._pen.rectangle([(x - 2) * FINE, (y - 2) * FINE, (x + 2) * FINE, (y + 2) * FINE], fill=FAINT)
            self._pen.text(
                (x * FINE, (y + 6) * FINE), name, FAINT, font, anchor="ma", stroke_width=2 * FINE, stroke_fill="#ffffff"
            )
            if len(taken) == 60:
                break

    def _dot(self, x: float, y: float, colour: str, size: float = 1.0) -> None:
        for radius, fill in ((6.3 * size + 1.7, "#ffffff"), (6.3 * size, colour)):
            self._pen.ellipse(
                [(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE], fill=fill
            )

    def _head(self) -> None:
        title, room = self._drawn.title, SIZE[0] - 140
        size = next((size for size in (40, 34, 28, 22) if _font(size, bold=True).getlength(title) / FINE < room), 18)
        wide = max(_font(size, bold=True).getlength(title), _font(22).getlength(self._drawn.count)) / FINE
        self._card(Box(30, 28, min(SIZE[0] - 30, 30 + wide + 56), 28 + size + 72))
        self._pen.text((58 * FINE, 42 * FINE), title, INK, _font(size, bold=True))
        self._pen.text((58 * FINE, (42 + size + 10) * FINE), self._drawn.count, FAINT, _font(22))

    def _legend(self, labels: list[str], wide: float) -> None:
        row = 34
        top = SIZE[1] - 64 - row * len(labels) - 20
        self._card(Box(30, top, 30 + wide, SIZE[1] - 64))
        for number, (kind, label) in enumerate(zip(self._drawn.kinds, labels, strict=True)):
            y = top + 10 + row * number + row / 2
            self._dot(56, y, kind.colour)
            self._pen.text((76 * FINE, y * FINE), label, INK, _font(20), anchor="lm")

    def _locator(self, view: Box) -> None:
        """Where in the country ``view`` is."""
        whole = self._drawn.whole
        longest, size = max(whole.width, whole.height), 240
        wide, high = whole.width / longest * size, whole.height / longest * size
        left, top = SIZE[0] - 46 - wide, 44
        self._card(Box(left - 16, top - 16, left + wide + 16, top + high + 16))
        window = _Window(whole, (left, top, wide, high))
        self._land(window, Box(left, top, left + wide, top + high), fill="#dfe6ea", shore=None)
        corners = Box(*window.at(view.left, view.top), *window.at(view.right, view.bottom)).grown(0, 8)
        self._pen.rectangle([side * FINE for side in corners], outline=KINDS[0], width=3 * FINE)

    def _credit(self) -> None:
        self._pen.rectangle([0, (SIZE[1] - 40) * FINE, SIZE[0] * FINE, SIZE[1] * FINE], fill="#ffffffd8")
        text = self._drawn.attribution
        size = next((size for size in (17, 15, 13, 11) if _font(size).getlength(text) / FINE < SIZE[0] - 40), 9)
        self._pen.text(((SIZE[0] - 20) * FINE, (SIZE[1] - 20) * FINE), text, INK, _font(size), anchor="rm")

    def _card(self, box: Box) -> None:
        shadow = [(side + by) * FINE for side, by in zip(box, (-1, 1, 2, 4), strict=True)]
        self._pen.rounded_rectangle(shadow, 12 * FINE, fill="#14283c24")
        self._pen.rounded_rectangle([side * FINE for side in box], 12 * FINE, fill="#fffffff2")


class _Window:
    """Shows ``box`` in the middle of ``room`` (left, top, width, height)."""

    def __init__(self, box: Box, room: tuple[float, float, float, float]) -> None:
        left, top, width, height = room
        self._by = min(width / box.width, height / box.height)
        self._left = left + width / 2 - (box.left + box.right) / 2 * self._by
        self._top = top + height / 2 - (box.top + box.bottom) / 2 * self._by

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self._left + x * self._by, self._top + y * self._by

    def under(self, x: float, y: float) -> tuple[float, float]:
        """The opposite of ``at``."""
        return (x - self._left) / self._by, (y - self._top) / self._by


def _overlap(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return _loaded(size * FINE, bold)


@lru_cache(maxsize=32)
def _loaded(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    """One of the system's with many scripts; else the one that comes with the library, of Latin letters."""
    from PIL import ImageFont

    for name in FONTS[bold]:
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


FONTS = {
    False: ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "Arial Unicode.ttf", "arial.ttf"),
    True: ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "Arial Unicode.ttf", "arialbd.ttf"),
}
