"""The leads of a campaign: what the contract calls businesses in workflow results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import rich.table
from rich.text import Text

from orbweave.cli import output
from orbweave.cli.client import Api, campaign

STYLES = {"valid": "green", "risky": "yellow", "invalid": "red", "unknown": "dim"}
FILTERED = {
    "social_media": "on a social network",
    "review_site": "on a review site",
    "directory": "in a directory",
    "maps": "on a map",
}

Lead = dict[str, Any]
Verdict = dict[str, Any]


def export(api: Api, campaign_id: str) -> Iterator[Lead]:
    """Every business of a campaign in location order, as it streams in."""
    with api.stream(campaign(campaign_id, "export"), format="jsonl") as response:
        yield from map(orjson.loads, response.iter_lines())


def results(api: Api, campaign_id: str, **filters: Any) -> Iterator[Lead]:
    """Those of a campaign with a workflow that the filters of workflow-results let through."""
    for location in api.pages(campaign(campaign_id, "workflow-results"), "locations", **filters):
        for business in location["businesses"]:
            yield {**business, "display_name": location["display_name"]}


def table(leads: Sequence[Lead], limit: int | None = None) -> rich.table.Table:
    """Leads with a contact, those with the most deliverable e-mails first, and the verdict on each e-mail."""
    shown = sorted(filter(has_contact, leads), key=lambda lead: -(lead["valid_emails_count"] or 0))[:limit]
    rows = []
    for lead in shown:
        who: tuple[Any, ...] = (lead["business_name"], lead["display_name"].split(", ")[0], lead["domain"])
        for email, verdict in _verdicts(lead).items():
            rows.append((*who, *_cells(email, verdict)))
            who = ("", "", "")
    return output.table(("Name", "Place", "Website", "E-mail", "Verdict"), rows)


def places(leads: Sequence[Lead]) -> rich.table.Table:
    """Businesses of a campaign that crawls no website."""
    rows = (
        (lead["business_name"], lead["business_address"], lead["business_phone"], lead["original_website"])
        for lead in leads
    )
    return output.table(("Name", "Address", "Phone", "Website"), rows)


def has_contact(lead: Lead) -> bool:
    return bool(lead["emails_found"] or lead["emails_verified"])


def summary(leads: Sequence[Lead]) -> str:
    """What there is, and why the rest has no e-mail."""
    without = Counter(_why(lead) for lead in leads if not has_contact(lead))
    valid = sum(lead["valid_emails_count"] or 0 for lead in leads)
    found = sum(map(has_contact, leads))
    text = f"{len(leads)} businesses, {found} with e-mail, {valid} deliverable e-mails (✓)."
    if without:
        text += " Without e-mail: " + ", ".join(f"{n} {why}" for why, n in without.most_common()) + "."
    return text


def _why(lead: Lead) -> str:
    if lead["domain_filtered"]:
        return FILTERED.get(lead["filter_reason"], "filtered")
    if not lead["original_website"]:
        return "without a website"
    match lead["spidersite_status"]:
        case "failed":
            return "whose website did not answer"
        case "completed":
            return "whose website has none"
        case _:
            return "not crawled"


def _verdicts(lead: Lead) -> dict[str, Verdict | None]:
    """Every e-mail of a lead with the verdict on it, verified ones first."""
    found: dict[str, Verdict | None] = {verdict["email"]: verdict for verdict in lead["emails_verified"] or []}
    return found | {email: None for email in lead["emails_found"] or [] if email not in found}


def _cells(email: str, verdict: Verdict | None) -> tuple[Text, Text]:
    if verdict is None:
        return Text(f"\u00a0\u00a0{output.plain(email)}"), Text("not verified", "dim")
    good, status, why = verdict["counts_as_valid"], verdict["status"], (verdict["sub_status"] or "").replace("_", " ")
    style = "green" if good else STYLES.get(status, "dim")
    label = status if why in ("", "deliverable") else why if good else f"{status}: {why}"
    return Text.assemble(("✓" if good else " ", style), f"\u00a0{output.plain(email)}"), Text(label, style)
