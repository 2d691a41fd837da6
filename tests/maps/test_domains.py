import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.maps import FilterResult, site_filter


@pytest.mark.parametrize(
    ("url", "domain", "reason"),
    [
        ("https://www.amarone.li/menu", "amarone.li", None),
        ("https://shop.example.co.uk", "example.co.uk", None),
        ("http://me.github.io/x", "me.github.io", None),
        ("http://192.0.2.7/x", "192.0.2.7", None),
        ("http://intranet/x", None, None),
        ("https://www.facebook.com/amarone", "facebook.com", "social_media"),
        ("https://m.facebook.com/amarone", "facebook.com", "social_media"),
        ("https://x.com/amarone", "x.com", "social_media"),
        ("https://de.linkedin.com/company/a", "linkedin.com", "social_media"),
        ("https://www.pinterest.co.uk/a", "pinterest.co.uk", "social_media"),
        ("https://www.yelp.com/biz/a", "yelp.com", "review_site"),
        ("https://www.tripadvisor.fr/Restaurant", "tripadvisor.fr", "review_site"),
        ("https://de.trustpilot.com/a", "trustpilot.com", "review_site"),
        ("https://www.booking.com/hotel/li/a", "booking.com", "directory"),
        ("https://linktr.ee/a", "linktr.ee", "directory"),
        ("https://www.yellowpages.ca/a", "yellowpages.ca", "directory"),
        ("https://www.google.com/maps/place/a", "google.com", "maps"),
        ("https://www.google.de/maps?cid=1", "google.de", "maps"),
        ("https://maps.google.com/?q=a", "google.com", "maps"),
        ("https://maps.google.co.uk/?q=a", "google.co.uk", "maps"),
        ("https://goo.gl/maps/a", "goo.gl", "maps"),
        ("https://maps.app.goo.gl/a", "goo.gl", "maps"),
        ("https://waze.com/ul", "waze.com", "maps"),
        ("https://maps.apple.com/?q=a", "apple.com", "maps"),
        ("https://www.google.com/", "google.com", None),
        ("https://www.google.com/mapsomething", "google.com", None),
        ("https://sites.google.com/view/a", "google.com", None),
        ("https://notfacebook.com", "notfacebook.com", None),
        ("https://facebook.com.evil.example", "evil.example", None),
        ("https://netflix.com", "netflix.com", None),
        ("ftp://a.example", None, None),
        ("amarone.li", None, None),
        ("", None, None),
        (None, None, None),
        ("http://[bad", None, None),
    ],
)
def test_site_filter(url: str | None, domain: str | None, reason: str | None) -> None:
    assert site_filter(url) == FilterResult(domain, reason)


@pytest.mark.parametrize(
    ("url", "flag"),
    [
        ("https://facebook.com/a", "social"),
        ("https://yelp.com/a", "review"),
        ("https://booking.com/a", "directories"),
        ("https://google.com/maps/a", "maps"),
    ],
)
def test_each_kind_can_be_let_through(url: str, flag: str) -> None:
    assert site_filter(url).reason
    assert site_filter(url, **{flag: False}).reason is None


@given(st.text())
def test_any_text(url: str) -> None:
    assert site_filter(url).reason is None or site_filter(url).domain
    site_filter("http://" + url)
