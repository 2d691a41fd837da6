from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orbweave.api.models import CampaignSubmission, MapsPayload, SitePayload, VerifyPayload
from orbweave.campaigns.spec import CampaignSpec, LocationFilter
from orbweave.errors import InvalidInput

MINIMAL = {"query": "restaurants", "country_code": "LI"}
WITH_SITES = {**MINIMAL, "workflow": {"spidersite": {"enabled": True}}}


def spec(**fields: Any) -> CampaignSpec:
    return CampaignSubmission.model_validate({**MINIMAL, **fields}).spec(model=False)


def test_defaults() -> None:
    assert spec() == CampaignSpec("restaurants", "LI")
    assert spec(country_code="li", unknown=1, name=None, filter=None, workflow=None) == spec()


@pytest.mark.parametrize("name", ["query", "search_query"])
def test_the_query_has_two_names(name: str) -> None:
    assert CampaignSubmission.model_validate({name: " pizza ", "country_code": "LI"}).query == "pizza"
    assert MapsPayload.model_validate({name: "pizza in Vaduz"}).given() == {"search_query": "pizza in Vaduz"}


def test_a_filter_is_echoed_as_given() -> None:
    chosen = spec(filter={"mode": "population", "min_population": 100_000, "max_population": None, "x": 1}).filter
    assert chosen == LocationFilter(
        "population", min_population=100_000, given={"mode": "population", "min_population": 100_000}
    )
    assert spec(filter={"min_population": 5}).filter.given == {"mode": "all", "min_population": 5}


@pytest.mark.parametrize(
    "filter",
    [
        {"mode": "population"},
        {"mode": "regions"},
        {"mode": "regions", "admin_regions": []},
        {"mode": "city"},
        {"mode": "custom"},
        {"mode": "custom", "location_ids": []},
        {"mode": "custom", "location_ids": [2**53]},
        {"mode": "bbox"},
        {"mode": "bbox", "bbox": [1, 2, 3]},
        {"mode": "bbox", "bbox": [9, 1, 10, 0]},
        {"mode": "bbox", "bbox": [0, 0, 181, 1]},
        {"mode": "polygon"},
        {"mode": "polygon", "polygon": []},
        {"mode": "postcodes"},
        {"mode": "population", "min_population": 10, "max_population": 9},
        {"mode": "population", "min_population": -1},
    ],
)
def test_a_filter_that_says_too_little(filter: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        spec(filter=filter)


def test_a_workflow_and_its_defaults() -> None:
    workflow = spec(workflow={"spidersite": {"enabled": True}, "spiderverify": {"enabled": True}}).workflow
    assert workflow
    assert workflow.site.payload["max_pages"] == 25
    assert "enabled" not in workflow.site.payload
    assert workflow.verify.payload == {"check_gravatar": False, "check_dnsbl": False, "smtp_timeout_secs": 45}
    assert workflow.verify.max_emails_per_business == 10
    assert workflow.given["spidersite"]["enabled"] is True
    assert workflow.given["spiderverify"]["smtp_timeout_secs"] == 45
    assert workflow.given["filter_maps"] is True


def test_a_mode_keeps_its_own_defaults() -> None:
    workflow = spec(workflow={"spidersite": {"enabled": True, "mode": "full", "extract_team": False}}).workflow
    assert workflow
    assert workflow.site.payload == {"mode": "full", "extract_team": False}


def test_a_workflow_with_every_stage_off_is_none() -> None:
    assert spec(workflow={}).workflow is None
    assert spec(workflow={"spidersite": {"enabled": False}}).workflow is None


@pytest.mark.parametrize(
    "fields",
    [
        {"workflow": {"spiderverify": {"enabled": True}}},
        {"workflow": {"spidersite": {"enabled": True, "max_pages": 101}}},
        {"workflow": {"spidersite": {"enabled": True, "product_description": "x"}}},
        {"workflow": {"spidersite": {"enabled": True}, "spiderverify": {"enabled": True, "smtp_timeout_secs": 9}}},
        {"max_results": 501},
        {"max_results": 0},
        {"country_code": "LIE"},
        {"query": "  "},
        {"query": "x" * 501},
        {"dispatch": {"max_inflight": 501}},
        {"webhook_url": "ftp://example.com"},
    ],
)
def test_a_campaign_outside_the_limits(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        spec(**fields)


def test_what_needs_a_language_model_is_refused_without_one() -> None:
    asked = {**MINIMAL, "workflow": {"spidersite": {"enabled": True, "extract_pain_points": True}}}
    submission = CampaignSubmission.model_validate(asked)
    with pytest.raises(InvalidInput, match="ORBWEAVE_LLM_URL"):
        submission.spec(model=False)
    workflow = submission.spec(model=True).workflow
    assert workflow is not None
    assert workflow.site.payload["extract_pain_points"] is True


def test_a_payload_passes_on_what_was_given_and_nothing_else() -> None:
    given = {"url": "https://example.com", "mode": "full", "timeout": 30, "their_own": {"a": [1]}}
    assert SitePayload.model_validate(given).given() == given
    assert VerifyPayload.model_validate({"email": "a@b.example", "emails": None}).given() == {"email": "a@b.example"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(CampaignSubmission.model_fields)), json_values, max_size=6))
def test_any_body_is_a_campaign_or_a_validation_error(fields: dict[str, Any]) -> None:
    try:
        made = spec(**fields)
    except ValidationError:
        return
    assert made.query.strip() == made.query != ""
    assert 1 <= made.max_results <= 500
    assert made.filter.given["mode"] == made.filter.mode
