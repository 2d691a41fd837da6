from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.errors import InvalidInput
from orbweave.practice import Business, PracticeSite, behaviours
from orbweave.practice.behaviours import pick
from orbweave.practice.hostile import RESPONDERS
from orbweave.practice.pages import paths
from orbweave.practice.sites import split_website
from orbweave.practice.truth import expected

TABLE = behaviours.load()


def verdicts(mail: str, web: str = "mailto") -> set[tuple[bool, str, str, bool]]:
    found = expected(PracticeSite("www.alpha.test", web=web, mail=mail)).emails
    return {(one.role, one.status, one.sub_status, one.counts_as_valid) for one in found}


@pytest.mark.parametrize(
    ("mail", "role", "person"),
    [
        ("accepts", ("risky", "role_account", True), ("valid", "deliverable", True)),
        ("greylist", ("risky", "role_account", True), ("valid", "deliverable", True)),
        ("catch_all", ("risky", "catch_all", False), ("risky", "catch_all", False)),
        ("full", ("risky", "role_account", False), ("risky", "full_inbox", False)),
        ("disabled", ("invalid", "role_account", False), ("invalid", "disabled", False)),
        ("policy", ("unknown", "role_account", False), ("unknown", "blocked", False)),
        ("null_mx", ("invalid", "role_account", False), ("invalid", "no_mx", False)),
    ],
)
def test_verdicts(mail: str, role: tuple[str, str, bool], person: tuple[str, str, bool]) -> None:
    assert verdicts(mail, "team") == {(True, *role), (False, *person)}


@pytest.mark.parametrize(
    ("mail", "verdict"),
    [
        ("accepts", ("invalid", "mailbox_not_found", False)),
        ("full", ("invalid", "mailbox_not_found", False)),
        ("catch_all", ("risky", "catch_all", False)),
        ("policy", ("unknown", "blocked", False)),
        ("no_domain", ("invalid", "no_mx", False)),
    ],
)
def test_stale_addresses(mail: str, verdict: tuple[str, str, bool]) -> None:
    assert (False, *verdict) in verdicts(mail, "stale")


def test_hostile_sites_have_nothing_to_find() -> None:
    for name, row in TABLE.web.items():
        found = expected(PracticeSite("www.alpha.test", (Business("A", phone="+423 232 11 11"),), web=name))
        assert found.crawlable is row.crawlable
        assert bool(found.emails) is bool(found.phones) is row.crawlable


def test_trap_addresses_are_forbidden() -> None:
    found = expected(PracticeSite("www.alpha.test", web="off_limits"))
    assert found.forbidden == {"trap@practice.alpha.test"}
    assert not found.forbidden & found.addresses


def test_the_tables_are_whole() -> None:
    assert {row.hostile for row in TABLE.web.values() if row.hostile} == set(RESPONDERS)
    for chosen in TABLE.hosts.values():
        assert chosen["web"] in TABLE.web
        assert chosen["mail"] in TABLE.mail
    good = sum(row.weight for row in TABLE.web.values() if row.crawlable)
    assert 0.7 <= good / sum(row.weight for row in TABLE.web.values()) <= 0.8


def test_unknown_behaviours_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"no practice behaviour 'nice'.*mailto"):
        PracticeSite("www.alpha.test", web="nice")


@given(st.text())
def test_choice_is_the_same_each_time_and_never_what_has_no_weight(seed: str) -> None:
    chosen = pick(TABLE.mail, seed)
    assert chosen == pick(TABLE.mail, seed)
    assert chosen.weight > 0


@given(st.text(max_size=80))
def test_any_text_is_a_website_or_none(text: str) -> None:
    found = split_website(text)
    assert found is None or (found[0] in ("http", "https") and "." in found[1] and found[2].startswith("/"))


@pytest.mark.parametrize(
    ("website", "parts"),
    [
        ("www.dadona.li", ("http", "www.dadona.li", "/")),
        ("https://Bäcker.li/team?x=1#y", ("https", "xn--bcker-gra.li", "/team")),
        ("https://alpha.li:8443/", None),
        ("ftp://alpha.li", None),
        ("nonsense", None),
    ],
)
def test_websites_as_open_data_writes_them(website: str, parts: Any) -> None:
    assert split_website(website) == parts


async def test_restaurants_of_liechtenstein_show_a_good_mix(practice: Any) -> None:
    running = await practice(country="LI")
    found = await running.expected_for("restaurants", "LI")
    assert len(found) >= 10
    assert sum(one.has_valid_email for one in found.values()) >= 0.6 * len(found)
    assert {one.crawlable for one in found.values()} == {True, False}
    assert len({one.web for one in found.values()}) >= 8
    assert {"catch_all", "greylist", "full"} <= {one.mail for one in found.values()}
    assert not any(host.endswith("facebook.com") for host in running.sites)


async def test_real_facts_reach_the_pages(practice: Any, browser: Any) -> None:
    running = await practice(country="LI")
    text = await browser(running).text("https://www.pizzeriatoscana.li/")
    assert "Pizzeria Toscana" in text
    assert "+4233739509" in text
    assert "info@practice.pizzeriatoscana.li" in text
    assert "Practice page: " in text
    assert "OpenStreetMap" in text


async def test_a_country_without_data_is_explained(practice: Any) -> None:
    with pytest.raises(InvalidInput, match="has no places of FR"):
        await practice(country="FR")


def plainly(body: str) -> str:
    """``body`` with every manner of hiding an address undone."""
    text = html.unescape(body)
    for code in re.findall(r'data-cfemail="([0-9a-f]+)"', body):
        key, *rest = bytes.fromhex(code)
        text += f" {bytes(byte ^ key for byte in rest).decode()} "
    for at, dot in ((" [at] ", " [dot] "), ("(at)", "."), (" at ", " punkt ")):
        text = text.replace(at, "@").replace(dot, ".")
    return text


@pytest.mark.parametrize("web", sorted(name for name, row in TABLE.web.items() if row.crawlable))
async def test_what_is_expected_is_on_the_pages(practice: Any, browser: Any, web: str) -> None:
    """Every page that may be crawled, read by a reader who knows every trick, holds exactly the expected addresses."""
    business = Business("Löwen", "Restaurant", "Landstrasse 1, 9490 Vaduz", "+423 232 11 11", "LI")
    site = PracticeSite("www.alpha.test", (business,), web=web, mail="accepts")
    client = browser(await practice(site))
    text = ""
    for path in paths(site):
        scheme = site.web_behaviour.scheme if site.web_behaviour.scheme != "both" else "http"
        async with client.get(f"{scheme}://{site.canonical_host}{path}") as response:
            text += plainly((await response.read()).decode(site.web_behaviour.charset))
    found = set(re.findall(r"[a-z.]+@practice\.alpha\.test", text))
    truth = expected(site)
    assert found == truth.addresses
    assert all(number in text for number in truth.phones)
    assert all(url in text for url in (truth.socials or {}).values())
    assert not found & truth.forbidden
