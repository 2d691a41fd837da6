"""``python -m bench.growth``: how the time to read a hostile page grows with its size. Each shape is read at n, 2n and
4n bytes with every extractor; exit code 1 when four times the page costs more than ten times the processor time."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.table import Table

from orbweave.site import extract
from orbweave.site.document import read

SIZE = 150_000
WORST = 10.0
# Below this many seconds the clock says more than the page.
_TOO_SHORT = 0.02

SHAPES: dict[str, str | tuple[str, str, str]] = {
    "nested elements": "<div>",
    "unclosed formatting": '<b id="{i}"><p>',
    "formatting and paragraphs": '<font size="{i}">x</font><p>',
    "tables in tables": "<table><tr><td>",
    "at signs": "a@",
    "dots and at signs": "a.b@c.",
    "one local part": "a",
    "spaced at signs": "info @ x ",
    "bracketed at": "info (at) muster ",
    "brackets": "(",
    "spelled": "a at b dot c ",
    "own domain": "info * muster.li ",
    "Cyrillic at signs": "инфо@мустер.",
    "digits": "1 ",
    "phone numbers": "+423 232 12 34 ",
    "plus and digits": "+1-",
    "brackets and digits": "(0) 1/",
    "postcodes": "9490 Vaduz Landstrasse 5, ",
    "street numbers": "Landstrasse 25a ",
    "capital words": "Muster Holz AG ",
    "VAT words": "VAT ID UID USt ",
    "colons": "Tel: Fax: ",
    "white space": " \n\t",
    "no-break spaces": "&nbsp;",
    "soft hyphens": "a&shy;",
    "comments": "<!-- @ -->",
    "open comments": "<!--",
    "links": '<a href="/{i}">x</a>',
    "mailto links": '<a href="mailto:a{i}@muster.li">x</a>',
    "social links": '<a href="https://www.facebook.com/a{i}">x</a>',
    "one long attribute": '<a href="x" title="{fill}"',
    "open attributes": '<a title="x@y ',
    "quotes": "\"'",
    "style rules": "<style>.a{{display:none}}</style>@",
    "hidden elements": '<p style="display:none">a@b.de</p>',
    "scripts": "<script>a='@'+'b'</script>",
    "one script of strings": ("<script>", "'a'+'@'+", "</script>"),
    "one script of brackets": ("<script>'@';", "([{", "</script>"),
    "one script of comments": ("<script>'@';", "/*", "</script>"),
    "one script of codes": ("<script>String.fromCharCode(", "64,", ")</script>"),
    "one script of quotes": ("<script>'@'", "`", "</script>"),
    "state": ('<script type="application/json">', '{"email":"a@b.de",', "</script>"),
    "JSON-LD depth": ('<script type="application/ld+json">', '{"a":[', "</script>"),
    "JSON-LD width": ('<script type="application/ld+json">[', '{"@type":"Person","name":"A B"},', "{}]</script>"),
    "microdata": '<span itemprop="email">a@b.de</span>',
    "data attributes": '<b data-user="a" data-domain="b.de"></b>',
    "entities": "&#64;",
    "NUL bytes": "a\x00",
    "framesets": "<frameset><noframes>",
    "notes for signs": "★を@に",
    "headings and at signs": "<h3>Hosting</h3><p>a@b{i}.de</p>",
}  # fmt: skip


def page(shape: str | tuple[str, str, str], size: int) -> bytes:
    before, repeated, after = ("", shape, "") if isinstance(shape, str) else shape
    if "{fill}" in repeated:
        return repeated.replace("{fill}", "x@y " * (size // 4)).encode()
    numbered = "{i}" in repeated
    count = size // (len(repeated.encode()) + 3 * numbered)
    if numbered:
        return (before + "".join(repeated.replace("{i}", str(i)) for i in range(count)) + after).encode()
    return (before + repeated.replace("{{", "{").replace("}}", "}") * count + after).encode()


def seconds(body: bytes) -> float:
    start = time.process_time()
    document = read(body, "https://muster.li/kontakt", "text/html")
    extract.facts(document, site="muster.li", kind="contact", country="LI", with_team=True, with_company=True)
    return time.process_time() - start


def main() -> int:
    seconds(b"<p>info@muster.li</p>")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("shape")
    for head in (f"{SIZE // 1000} KB, s", "x2", "x4", "growth"):
        table.add_column(head, justify="right")
    good = True
    for name, shape in SHAPES.items():
        times = [seconds(page(shape, SIZE * factor)) for factor in (1, 2, 4)]
        growth = times[2] / max(times[0], _TOO_SHORT)
        good &= growth <= WORST
        style = "" if growth <= WORST else "red"
        table.add_row(name, *(f"{one:.3f}" for one in times), f"{growth:.1f}", style=style)
    Console().print(table)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
