"""Profiles in one spelling, and the business's own among them."""

from __future__ import annotations

import pytest

from orbweave.site.document import parse
from orbweave.site.extract.socials import PLATFORMS, _platforms, profile_of, socials


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://de-de.facebook.com/Gasthof/?ref=page", ("facebook", "https://www.facebook.com/Gasthof")),
        (
            "https://www.facebook.com/profile.php?id=100&sk=about",
            ("facebook", "https://www.facebook.com/profile.php?id=100"),
        ),
        ("//www.instagram.com/gasthof.vaduz/", ("instagram", "https://www.instagram.com/gasthof.vaduz")),
        ("https://twitter.com/gasthof", ("twitter", "https://x.com/gasthof")),
        ("https://li.linkedin.com/company/gasthof/about/", ("linkedin", "https://www.linkedin.com/company/gasthof")),
        ("https://www.youtube.com/@gasthof/videos", ("youtube", "https://www.youtube.com/@gasthof")),
        (
            "https://api.whatsapp.com/send?phone=4232321234&text=x",
            ("whatsapp", "https://wa.me/4232321234"),
        ),
        ("whatsapp://send?phone=+4232321234&text=x", ("whatsapp", "https://wa.me/4232321234")),
        ("https://wa.me/004232321234", ("whatsapp", "https://wa.me/4232321234")),
        ("https://www.pinterest.de/gasthof/", ("pinterest", "https://www.pinterest.com/gasthof")),
        ("https://snapchat.com/@gasthof", ("snapchat", "https://www.snapchat.com/add/gasthof")),
        ("https://discordapp.com/invite/abcdef", ("discord", "https://discord.gg/abcdef")),
        ("https://www.instagram.com/gasthof/reels/", ("instagram", "https://www.instagram.com/gasthof")),
        (
            "https://www.facebook.com/pages/Gasthof/219384471520998",
            ("facebook", "https://www.facebook.com/pages/Gasthof/219384471520998"),
        ),
        (
            "https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fgasthof&tabs=timeline",
            ("facebook", "https://www.facebook.com/gasthof"),
        ),
        ("https://twitter.com/intent/follow?screen_name=gasthof", ("twitter", "https://x.com/gasthof")),
        (
            "http://www.facebook.com/pages/Vaduz-Liechtenstein/Gasthof%20Muster/359201617108",
            ("facebook", "https://www.facebook.com/pages/Gasthof-Muster/359201617108"),
        ),
        ("https://twitter.com/#%21/gasthof", ("twitter", "https://x.com/gasthof")),
        ("http://instagram.com/gasthof%20", ("instagram", "https://www.instagram.com/gasthof")),
        (
            "https://www.google.com/url?q=https%3A%2F%2Fwww.instagram.com%2Fgasthof%2F&sa=D&usg=x",
            ("instagram", "https://www.instagram.com/gasthof"),
        ),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.instagram.com%2Fgasthof%3Fx%3D1&h=AT0",
            ("instagram", "https://www.instagram.com/gasthof"),
        ),
        ("https://href.li/?https://t.me/gasthof", ("telegram", "https://t.me/gasthof")),
        ("https://vk.com/away.php?to=https://t.me/gasthof", ("telegram", "https://t.me/gasthof")),
        ("https://twitter.com/intent/tweet?url=https://t.me/gasthof", None),
        ("https://www.facebook.com/wix", None),
        ("https://www.facebook.com/docs/plugins/", None),
        ("https://www.facebook.com/events/123/", None),
        ("https://twitter.com/share?url=x", None),
        ("https://www.instagram.com/explore/tags/vaduz/", None),
        ("https://www.youtube.com/user/wix", None),
        ("https://t.me/share/url?url=x", None),
        ("https://github.com/wordpress", None),
        ("https://www.reddit.com/submit?url=x", None),
        ("https://medium.com/p/abc", None),
        ("https://t.me/gasthof", ("telegram", "https://t.me/gasthof")),
        ("https://www.facebook.com/sharer/sharer.php?u=https://x.li", None),
        ("https://www.facebook.com/", None),
        ("https://twitter.com/intent/tweet?text=x", None),
        ("https://x.com/gasthof/status/1", None),
        ("https://www.instagram.com/p/abc/", None),
        ("https://www.youtube.com/watch?v=abc", None),
        ("https://wa.me/?text=x", None),
        ("https://www.linkedin.com/shareArticle?url=x", None),
        ("https://pinterest.com/pin/create/button/", None),
        ("https://notfacebook.com/gasthof", None),
        ("https://facebook.com.evil.example/gasthof", None),
    ],
)
def test_profiles(url: str, expected: tuple[str, str] | None) -> None:
    assert profile_of(url) == expected


def test_there_are_rules_for_every_platform_of_the_contract() -> None:
    assert {platform.name for platform in _platforms().values()} == set(PLATFORMS)


PARTNER = '<p>Rezept von <a href="https://www.instagram.com/kochen.mit.berta/">Berta</a></p>'
FILLER = "".join(f'<a href="/{number}">{number}</a>' for number in range(20))


@pytest.mark.parametrize(
    ("html", "kind", "expected"),
    [
        (FILLER + PARTNER + FILLER, "blog", {}),
        (
            FILLER + PARTNER + FILLER + '<a href="https://www.instagram.com/haus_muster/">i</a>',
            "blog",
            {"instagram": "https://www.instagram.com/haus_muster"},
        ),
        (
            '<a href="https://www.linkedin.com/in/anna-frei">Anna</a><a href="https://www.linkedin.com/company/muster/">in</a>',
            "team",
            {"linkedin": "https://www.linkedin.com/company/muster"},
        ),
        ('<a href="https://www.linkedin.com/in/anna-frei">Anna Frei</a>', "team", {}),
        ('<p>Fotos: <a href="https://www.instagram.com/lichtbild/">@lichtbild</a></p>', "contact", {}),
        (
            '<script type="application/ld+json">{"@type":"Hotel","sameAs":"https://x.com/abc"}</script>'
            '<a href="https://x.com/other">x</a>',
            None,
            {"twitter": "https://x.com/abc"},
        ),
        (
            "<p>Besuchen Sie facebook.com/haus-muster, facebook.com/other und instagram.com/p/1.</p>",
            None,
            {"facebook": "https://www.facebook.com/haus-muster"},
        ),
        (
            '<div class="fb-page" data-href="https://www.facebook.com/hausmuster"></div>',
            None,
            {"facebook": "https://www.facebook.com/hausmuster"},
        ),
    ],
)
def test_the_business_own_profile_wins(html: str, kind: str | None, expected: dict[str, str]) -> None:
    facts = socials(parse(html, "http://muster.li/"), "muster.li", kind)
    assert {fact.detail["platform"]: fact.value for fact in facts} == expected
