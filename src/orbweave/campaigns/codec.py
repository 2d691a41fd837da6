"""``CampaignSpec`` <-> the JSON kept with the campaign."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from orbweave.campaigns.spec import CampaignSpec

_adapter: TypeAdapter[CampaignSpec] = TypeAdapter(CampaignSpec)


def encode(spec: CampaignSpec) -> dict[str, Any]:
    encoded: dict[str, Any] = _adapter.dump_python(spec, mode="json")
    return encoded


def decode(data: dict[str, Any]) -> CampaignSpec:
    return _adapter.validate_python(data)
