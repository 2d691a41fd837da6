import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.maps.socials import PLATFORMS, profile, profile_of


@pytest.mark.parametrize(
    ("platform", "text", "url"),
    [
        ("facebook", "amarone", "https://www.facebook.com/amarone"),
        ("facebook", "@amarone", "https://www.facebook.com/amarone"),
        ("facebook", "https://de-de.facebook.com/amarone/?ref=x", "https://www.facebook.com/amarone"),
        ("facebook", "m.facebook.com/pg/amarone", "https://www.facebook.com/amarone"),
        ("facebook", "http://facebook.com/pages/A-B/123456", "https://www.facebook.com/pages/A-B/123456"),
        ("facebook", "https://www.facebook.com/profile.php?id=12", "https://www.facebook.com/profile.php?id=12"),
        ("facebook", "https://www.facebook.com/", None),
        ("facebook", "https://www.facebook.com/sharer.php?u=x", None),
        ("facebook", "https://www.amarone.li/", None),
        ("facebook", "Restaurant Amarone", None),
        ("instagram", "amarone.li", "https://www.instagram.com/amarone.li"),
        ("instagram", "https://instagram.com/amarone_li?igshid=x", "https://www.instagram.com/amarone_li"),
        ("instagram", "https://www.instagram.com/p/Cx1/", None),
        ("twitter", "https://twitter.com/a_b", "https://x.com/a_b"),
        ("twitter", "@a_b", "https://x.com/a_b"),
        ("linkedin", "amarone", "https://www.linkedin.com/company/amarone"),
        ("linkedin", "https://li.linkedin.com/in/some-one/", "https://www.linkedin.com/in/some-one"),
        ("youtube", "https://www.youtube.com/channel/UC123", "https://www.youtube.com/channel/UC123"),
        ("youtube", "@amarone", "https://www.youtube.com/@amarone"),
        ("tiktok", "https://www.tiktok.com/@amarone", "https://www.tiktok.com/@amarone"),
        ("whatsapp", "+423 791 23 45", "https://wa.me/4237912345"),
        ("whatsapp", "https://api.whatsapp.com/send?phone=%2B4237912345", "https://wa.me/4237912345"),
        ("whatsapp", "yes", None),
        ("telegram", "@amarone", "https://t.me/amarone"),
        ("telegram", "https://t.me/amarone", "https://t.me/amarone"),
        ("discord", "https://discord.com/invite/abc", "https://discord.gg/abc"),
        ("snapchat", "https://www.snapchat.com/add/amarone", "https://www.snapchat.com/add/amarone"),
        ("reddit", "https://www.reddit.com/r/liechtenstein/", "https://www.reddit.com/r/liechtenstein"),
    ],
)
def test_profiles(platform: str, text: str, url: str | None) -> None:
    assert profile(platform, text) == url


def test_websites_that_are_profiles() -> None:
    assert profile_of("facebook.com/amarone") == ("facebook", "https://www.facebook.com/amarone")
    assert profile_of("https://www.amarone.li/facebook.com") is None
    assert profile_of("http://[x") is None


@given(
    st.sampled_from(sorted(PLATFORMS)), st.text() | st.from_regex(r"https://(www\.)?(x|t|reddit)\.(com|me)/[\w/?=@.]*")
)
def test_what_is_canonical_stays(platform: str, text: str) -> None:
    url = profile(platform, text)
    assert url is None or profile(platform, url) == url
