"""Crawls that end in a compendium, or in questions to a language model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from orbweave.net import NetSettings, Network
from orbweave.site import Crawler, CrawlRequest, Pace, SiteResult
from orbweave.site.llm import Model

HOME = """<title>Gasthof Krone</title><nav><a href="/kontakt">Kontakt</a> <a href="/team">Team</a></nav>
<h1>Gasthof Krone</h1>
<p>Wir kochen seit 1950 mit <a href="/team">Leidenschaft</a>.</p><p>Montag ist Ruhetag.</p>"""
KONTAKT = (
    """<title>Kontakt</title><h1>Kontakt</h1><p>Schreiben Sie an info@krone.example.</p><p>Montag ist Ruhetag.</p>"""
)
TEAM = "<title>Team</title><h1>Team</h1><p>Eva Frick kocht.</p>"


@pytest.fixture
def krone(internet: Any) -> Any:
    internet.pages |= {"krone.example/": HOME, "krone.example/kontakt": KONTAKT, "krone.example/team": TEAM}
    return internet


async def crawl(internet: Any, payload: dict[str, Any], model: Model | None = None) -> SiteResult:
    request = CrawlRequest.from_payload({"url": "http://krone.example/", "stop_early": False, **payload}, model=True)
    settings = NetSettings(connect_to=(f":80:127.0.0.1:{internet.port}",), allow_networks=("127.0.0.0/8",))
    async with Network(settings) as network:
        return await Crawler(network, pace=Pace(0, 2), model=model).crawl(request)


async def test_a_crawl_for_contacts_has_no_compendium(krone: Any) -> None:
    data = (await crawl(krone, {})).data()
    assert data["markdown_compendium"] is None
    assert data["compendium"] == {
        "chars": 0,
        "available": False,
        "cleanup_level": None,
        "storage_location": None,
        "download_url": None,
    }
    assert data["metadata"]["ai_usage"] is None


async def test_the_pages_of_a_site_as_one_text(krone: Any) -> None:
    result = await crawl(krone, {"mode": "compendium", "compendium": {"priority_sections": ["team"]}})
    data = result.data()
    text = data["markdown_compendium"]
    assert text == result.compendium_text
    assert text.startswith("# Team\n\n<http://krone.example/team>\n\nEva Frick kocht.\n\n---\n\n# Gasthof Krone")
    assert "[Leidenschaft](http://krone.example/team)" in text
    assert text.count("Ruhetag") == 1
    assert "info@krone.example" in text
    assert data["compendium"] == {
        "chars": len(text),
        "available": True,
        "cleanup_level": "fit",
        "storage_location": "response",
        "download_url": None,
    }


async def test_a_text_that_is_kept_elsewhere_can_be_had(krone: Any) -> None:
    result = await crawl(
        krone, {"compendium": {"include_in_response": False, "cleanup_level": "minimal", "max_chars": 60}}
    )
    data = result.data()
    assert data["markdown_compendium"] is None
    assert result.compendium_text is not None
    assert 0 < data["compendium"]["chars"] == len(result.compendium_text) <= 60
    assert (data["compendium"]["available"], data["compendium"]["storage_location"]) == (True, None)


async def test_a_crawl_ends_in_questions(krone: Any) -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        content = json.dumps({"pain_points": ["No table can be booked online."]})
        return web.json_response({"choices": [{"message": {"content": content}}], "usage": None})

    krone.pages[f"127.0.0.1:{krone.port}/v1/chat/completions"] = answer
    model = Model(f"http://127.0.0.1:{krone.port}/v1", "small", timeout=20)
    data = (await crawl(krone, {"extract_pain_points": True}, model)).data()
    assert data["pain_points"] == ["No table can be booked online."]
    assert (data["lead_scoring"], data["custom_analysis"], data["markdown_compendium"]) == (None, None, None)
    assert data["metadata"]["ai_usage"]["calls"] == 1
    (question,) = asked
    said = question["messages"][1]["content"]
    assert "Eva Frick kocht." in said
    assert "info@krone.example" in said.partition("\n\nBEGIN")[2].partition("\n\n")[0], "the facts that were found"


async def test_a_model_that_fails_does_not_fail_the_crawl(krone: Any) -> None:
    model = Model("http://127.0.0.1:1/v1", "small", timeout=20)
    data = (await crawl(krone, {"extract_pain_points": True, "mode": "full"}, model)).data()
    assert data["crawl_status"] == "success"
    assert data["emails"] == ["info@krone.example"]
    assert data["pain_points"] is None
    assert "could not be asked" in data["metadata"]["ai_usage"]["errors"][0]
    assert data["compendium"]["available"]


async def test_a_site_that_cannot_be_read_costs_nothing(krone: Any) -> None:
    krone.pages.clear()
    model = Model("http://127.0.0.1:1/v1", "small")
    data = (await crawl(krone, {"extract_pain_points": True, "mode": "full"}, model)).data()
    assert (data["crawl_status"], data["metadata"]["ai_usage"], data["compendium"]["available"]) == (
        "failed",
        None,
        False,
    )


async def test_a_crawler_without_a_model_says_so(krone: Any) -> None:
    data = (await crawl(krone, {"extract_pain_points": True})).data()
    assert data["pain_points"] is None
    assert "no language model is configured" in data["metadata"]["ai_usage"]["errors"][0]
