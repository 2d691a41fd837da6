"""campaigns and run against a scripted server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orbweave.cli import leads, progress
from orbweave.cli.run import place_filter
from orbweave.errors import InvalidInput

CAMPAIGNS = "/api/v1/jobs/spiderMaps/campaigns"
ID = "camp_li_restaurants_20261124_0123abcd"


def lead(name: str, **fields: Any) -> dict[str, Any]:
    empty = {
        "business_name": name,
        "business_address": "Städtle 1, Vaduz",
        "business_phone": "+423 1",
        "display_name": "Vaduz",
        "original_website": None,
        "domain": None,
        "domain_filtered": False,
        "filter_reason": None,
        "spidersite_status": "skipped",
        "emails_found": [],
        "emails_verified": [],
        "valid_emails_count": 0,
    }
    return {**empty, **fields}


VERDICT = {"email": "info@a.li", "status": "risky", "sub_status": "role_account", "counts_as_valid": True}
LEADS = [
    lead(
        "Adler",
        original_website="https://a.li",
        domain="a.li",
        spidersite_status="completed",
        emails_found=["info@a.li", "x@a.li"],
        emails_verified=[VERDICT],
        valid_emails_count=1,
    ),
    lead("Bären"),
    lead("Krone", original_website="https://facebook.com/k", domain_filtered=True, filter_reason="social_media"),
    lead("Löwen", original_website="https://l.li", domain="l.li", spidersite_status="failed"),
]


def status(state: str, done: int = 2, **workflow: int) -> dict[str, Any]:
    counts = dict.fromkeys(
        [f"{s}_{k}" for s in ("sites", "verifies") for k in ("queued", "completed", "failed")]
        + ["businesses_total", "emails_found", "emails_verified"],
        0,
    )
    return {
        "campaign_id": ID,
        "status": state,
        "query": "restaurants",
        "country_code": "LI",
        "progress": {
            "total": 2,
            "pending": 0,
            "submitted": 2 - done,
            "completed": done,
            "failed": 0,
            "percentage": 50.0 * done,
        },
        "results_count": 4,
        "has_workflow": True,
        "workflow_progress": counts | workflow,
    }


@pytest.fixture
def server(fake_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setenv("ORBWEAVE_SERVER", fake_server.url)
    monkeypatch.setenv("ORBWEAVE_TOKEN", "cli_a:sk_b:secret_c")
    return fake_server


@pytest.fixture
def campaign(server: Any) -> Any:
    """A server that takes a campaign and completes it."""
    server.on(f"POST {CAMPAIGNS}/submit", {"campaign_id": ID, "total_locations": 2, "has_workflow": True}, 201)
    server.on(f"GET {CAMPAIGNS}/{ID}/status", status("active", 1, sites_queued=2))
    server.on(f"GET {CAMPAIGNS}/{ID}/status", status("completed", 2, sites_completed=2))
    server.on(f"GET {CAMPAIGNS}/{ID}/export", b"".join(json.dumps(one).encode() + b"\n" for one in LEADS))
    return server


def submitted(server: Any) -> dict[str, Any]:
    [body] = [body for method, path, body in server.requests if path.endswith("/submit")]
    return dict(body)


def test_run_submits_watches_and_prints_the_leads(cli: Any, campaign: Any) -> None:
    ran = cli("run", "restaurants", "--country", "li", "--max-pages", "7")
    assert ran.code == 0
    assert submitted(campaign) == {
        "query": "restaurants",
        "country_code": "li",
        "max_results": 100,
        "filter": {"mode": "all"},
        "workflow": {"spidersite": {"enabled": True, "max_pages": 7}, "spiderverify": {"enabled": True}},
        "dispatch": {"mode": "auto"},
    }
    assert "✓\u00a0info@a.li   role account" in ran.stdout
    assert "\u00a0\u00a0x@a.li      not verified" in ran.stdout
    assert "Bären" not in ran.stdout
    assert "locations 1/2 · websites 0/2 · verifications 0/0 · e-mails 0/0" in ran.stderr
    assert "4 businesses, 1 with e-mail, 1 deliverable e-mails (✓)." in ran.stderr
    for reason in ("1 without a website", "1 on a social network", "1 whose website did not answer"):
        assert reason in ran.stderr


def test_run_prints_every_lead_as_json(cli: Any, campaign: Any) -> None:
    ran = cli("run", "restaurants", "--country", "LI", "--json")
    assert ran.code == 0
    assert ran.lines == LEADS
    said = [json.loads(line) for line in ran.stderr.splitlines()]
    assert {"progress": {"locations": [2, 2], "websites": [2, 2], "verifications": [0, 0], "e-mails": [0, 0]}} in said


def test_run_writes_the_export(cli: Any, campaign: Any, tmp_path: Path) -> None:
    ran = cli("run", "restaurants", "--country", "LI", "--output", "leads.jsonl")
    assert ran.code == 0
    assert [json.loads(line) for line in (tmp_path / "leads.jsonl").read_text().splitlines()] == LEADS
    assert "format=jsonl" in campaign.requests[-1][1]


def test_without_crawling_there_is_no_workflow(cli: Any, campaign: Any) -> None:
    ran = cli("run", "restaurants", "--country", "LI", "--no-site")
    assert "workflow" not in submitted(campaign)
    assert all(lead["business_name"] in ran.stdout for lead in LEADS)


def test_run_fails_when_the_campaign_does_not_complete(cli: Any, server: Any) -> None:
    server.on(f"POST {CAMPAIGNS}/submit", {"campaign_id": ID, "total_locations": 2}, 201)
    server.on(f"GET {CAMPAIGNS}/{ID}/status", status("paused") | {"pause_reason": "No DNS answer."})
    server.on(f"GET {CAMPAIGNS}/{ID}/export", b"")
    ran = cli("run", "restaurants", "--country", "LI")
    assert ran.code == 1
    assert "The campaign is paused. No DNS answer." in ran.stderr


def test_run_says_what_the_server_does_not_want(cli: Any, server: Any) -> None:
    server.on(f"POST {CAMPAIGNS}/submit", {"detail": "There is no country 'XX'."}, 422)
    ran = cli("run", "restaurants", "--country", "XX", "--json")
    assert ran.code == 2
    assert ran.error == {"error": "There is no country 'XX'.", "code": "invalid_input", "field": None}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "x"], "Missing option '--country'"),
        (["run", "x", "--country", "LI", "-o", "leads.xls"], "leads.xls should end in .csv or .jsonl"),
        (["run", "x", "--country", "LI", "--bbox", "1,2,3"], "--bbox takes four numbers"),
        (["run", "x", "--country", "LI", "--max-population", "3"], "--max-population needs --min-population"),
        (["run", "x", "--country", "LI", "--region", "a", "--location", "1"], "in one way only"),
        (["campaigns", "export", ID, "-o", "leads.pdf"], "leads.pdf should end in .csv or .jsonl"),
        (["campaigns", "status"], "Missing argument"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_asked(cli: Any, server: Any, arguments: list[str], says: str) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert says in ran.stderr
    assert server.requests == []


def test_filters(tmp_path: Path) -> None:
    assert place_filter(None, None, [], [], None) == {"mode": "all"}
    assert place_filter(0, 9, [], [], None) == {"mode": "population", "min_population": 0, "max_population": 9}
    assert place_filter(None, None, ["Vaduz"], [], None) == {"mode": "regions", "admin_regions": ["Vaduz"]}
    assert place_filter(None, None, [], [7], None) == {"mode": "custom", "location_ids": [7]}
    assert place_filter(None, None, [], [], "9,47,9.5,48") == {"mode": "bbox", "bbox": [9.0, 47.0, 9.5, 48.0]}
    assert place_filter(None, None, [], [], None, city="Wien") == {"mode": "city", "parent_city": "Wien"}
    assert place_filter(None, None, [], [], None, include_postcodes=True) == {"mode": "all", "include_postcodes": True}
    area = tmp_path / "area.geojson"
    area.write_text('{"type": "Polygon", "coordinates": []}')
    polygon = {"type": "Polygon", "coordinates": []}
    assert place_filter(None, None, [], [], None, area) == {"mode": "polygon", "polygon": polygon}
    with pytest.raises(InvalidInput):
        place_filter(1, None, ["a"], [], None)
    with pytest.raises(InvalidInput, match="in one way only"):
        place_filter(None, None, [], [], None, area, "Wien")
    with pytest.raises(InvalidInput, match="can't be read"):
        place_filter(None, None, [], [], None, tmp_path / "none.geojson")
    area.write_text("{")
    with pytest.raises(InvalidInput, match="not a GeoJSON file"):
        place_filter(None, None, [], [], None, area)


def test_campaigns_are_listed(cli: Any, server: Any) -> None:
    one = {
        "campaign_id": ID,
        "status": "active",
        "query": "restaurants",
        "country_code": "LI",
        "total_locations": 2,
        "completed_locations": 1,
        "created_at": "2026-11-24T08:00:00Z",
        "name": None,
    }
    server.on(f"GET {CAMPAIGNS}", {"campaigns": [one], "total_pages": 1})
    assert cli("campaigns", "list", "--json").lines == [[one]]
    assert ID in cli("campaigns", "list", "--status", "active").stdout
    assert "status=active" in server.requests[-1][1]


def test_no_campaign_is_an_empty_list(cli: Any, server: Any) -> None:
    server.on(f"GET {CAMPAIGNS}", {"campaigns": [], "total_pages": 0})
    assert cli("campaigns", "list", "--json").stdout == "[]\n"


def test_status_is_the_servers_answer(cli: Any, server: Any) -> None:
    server.on(f"GET {CAMPAIGNS}/{ID}/status", status("active", 1))
    assert cli("campaigns", "status", ID, "--json").lines == [status("active", 1)]
    assert "1 of 2 (50.0 %)" in cli("campaigns", "status", ID).stdout


def test_next_stop_and_continue(cli: Any, server: Any) -> None:
    task = {"job_id": "1", "location_id": 1, "search_string": "restaurants Vaduz, Liechtenstein", "display_name": "V"}
    server.on(f"POST {CAMPAIGNS}/{ID}/next", {"current_task": task, "status": "active"})
    server.on(f"POST {CAMPAIGNS}/{ID}/next", {"current_task": None, "status": "stopped"})
    assert "restaurants Vaduz" in cli("campaigns", "next", ID).stdout
    assert "Nothing to submit: the campaign is stopped." in cli("campaigns", "next", ID).stdout
    for verb in ("stop", "continue"):
        server.on(f"POST {CAMPAIGNS}/{ID}/{verb}", {"message": "So be it.", "status": "stopped"})
        assert "So be it." in cli("campaigns", verb, ID).stdout


def test_results_read_all_pages(cli: Any, server: Any) -> None:
    def page(*found: dict[str, Any]) -> dict[str, Any]:
        return {"locations": [{"display_name": "Vaduz", "businesses": found}], "total_pages": 2}

    server.on(f"GET {CAMPAIGNS}/{ID}/workflow-results", page(*LEADS[:1]))
    server.on(f"GET {CAMPAIGNS}/{ID}/workflow-results", page(*LEADS[1:]))
    assert cli("campaigns", "results", ID, "--min-valid-emails", "1", "--json").lines == LEADS
    assert "min_valid_emails=1" in server.requests[0][1]


def test_export_goes_to_stdout_or_to_a_whole_file(cli: Any, server: Any, tmp_path: Path) -> None:
    server.on(f"GET {CAMPAIGNS}/{ID}/export", b"name,email\n")
    assert cli("campaigns", "export", ID).stdout == "name,email\n"
    assert cli("campaigns", "export", ID, "-o", "leads.csv").code == 0
    assert (tmp_path / "leads.csv").read_bytes() == b"name,email\n"
    assert (tmp_path / "leads.csv").stat().st_mode & 0o600 == 0o600


def test_a_failed_export_leaves_the_old_file(cli: Any, server: Any, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("old")
    server.on(f"GET {CAMPAIGNS}/{ID}/export", {"detail": "no such campaign"}, 404)
    ran = cli("campaigns", "export", ID, "-o", "leads.csv")
    assert (ran.code, ran.stderr) == (1, "Error: no such campaign\n")
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]
    assert (tmp_path / "leads.csv").read_text() == "old"


def test_an_export_that_breaks_off_leaves_nothing(cli: Any, server: Any, tmp_path: Path) -> None:
    server.on(f"GET {CAMPAIGNS}/{ID}/export", b"half a file", Content_Length="1000")
    ran = cli("campaigns", "export", ID, "-o", "leads.csv")
    assert ran.code == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_file_is_said(cli: Any, server: Any) -> None:
    ran = cli("campaigns", "export", ID, "-o", "no/such/folder/leads.csv")
    assert (ran.code, ran.stderr) == (1, "Error: Cannot write no/such/folder/leads.csv: No such file or directory.\n")


def test_a_stopped_campaign_has_ended_once_nothing_runs() -> None:
    assert not progress.ended(status("active"))
    assert progress.ended(status("completed"))
    assert not progress.ended(status("stopped", 1))
    assert not progress.ended(status("stopped", verifies_queued=1))
    assert progress.ended(status("stopped"))


def test_the_summary_of_nothing() -> None:
    assert leads.summary([]) == "0 businesses, 0 with e-mail, 0 deliverable e-mails (✓)."
