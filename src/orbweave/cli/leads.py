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
    """Leads with a contact, those with a verified e-mail first."""
    shown = sorted(filter(has_contact, leads), key=lambda lead: -(lead["valid_emails_count"] or 0))[:limit]
    rows = [(lead["business_name"], lead["display_name"], lead["domain"], _emails(lead)) for lead in shown]
    return output.table(("Name", "Place", "Website", "E-mails"), rows)


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


def _emails(lead: Lead) -> Text:
    verdicts = {result["email"]: result for result in lead["emails_verified"] or []}
    text = Text()
    for email in dict.fromkeys([*verdicts, *(lead["emails_found"] or [])]):
        verdict = verdicts.get(email)
        status = verdict["status"] if verdict else "not verified"
        reason = verdict["sub_status"] if verdict else None
        label = status if reason in (None, "deliverable", status) else f"{status}, {reason}"
        mark, style = ("✓ ", "green") if verdict and verdict["counts_as_valid"] else ("  ", STYLES.get(status, "dim"))
        text.append("\n" if text else "").append(mark, style).append(output.plain(email)).append(f"  {label}", style)
    return text
