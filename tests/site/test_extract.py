"""Extractors on pages as they are written, and on bytes that nobody should write."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orbweave.site import extract
from orbweave.site.document import read

OWN = "muster.li"


_WORDS = st.sampled_from(
    [
        *(
            "<p>",
            "<div style='display:none'>",
            "</b>",
            "@",
            "(at)",
            "mailto:",
            '<a href="',
            "tel:",
            "+423 232 12 34",
            "Fax",
            '">',
        ),
        *("<script>", "</script>", '<script type="application/ld+json">', '{"@type":"Person","name":["x"],"email":{}}'),
        *("'+'", "String.fromCharCode(", "1,2)", "data-cfemail='zz'", "<meta charset=utf-16>", "\x00", "ä", "＠"),
        *(
            "http://[",
            "facebook.com/",
            "%",
            "<base href=//>",
            "\ud800",
            "UnCryptMailto('",
            "x.li",
            "00",
            "a",
            "9490 Vaduz",
        ),
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(_WORDS, max_size=60).map(lambda words: "".join(words).encode("utf-8", "surrogatepass")),
    )
)
def test_extractors_never_raise(body: bytes) -> None:
    document = read(body, "http://muster.li/", "text/html")
    for fact in extract.facts(document, site=OWN, kind="team", country="LI", with_team=True, with_company=True):
        assert isinstance(fact.value, str)
        assert fact.value
        assert len(fact.context) <= 120
        json.dumps(dict(fact.detail))
