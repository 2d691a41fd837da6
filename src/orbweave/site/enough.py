"""When a crawl for contacts has nothing more to find. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from orbweave.site.frontier import Frontier
from orbweave.site.request import DEFAULT_TARGETS, CrawlRequest
from orbweave.site.result import Sighting

# Pages that say how to reach a business or its people; others repeat what these say.
WITH_CONTACTS = ("contact", "imprint", "locations", "about", "team")
_FIRST_HAND = ("contact", "imprint", "locations")


def may_stop_early(request: CrawlRequest) -> bool:
    """Only a crawl that looks for contacts alone can know beforehand what other pages hold."""
    wants_more = (
        request.extract_team
        or request.extract_company_info
        or request.compendium.enabled
        or request.wish_for_a_model is not None
    )
    return request.stop_early and request.mode == "contacts" and not wants_more


def is_enough(request: CrawlRequest, frontier: Frontier, kinds_read: Iterable[str], found: Iterable[Sighting]) -> bool:
    """May a crawl for which ``may_stop_early`` stop now? When

    1. a contact, imprint or locations page was read, and
    2. an e-mail address and a phone number were found, on any page, and
    3. no page that waits to be read is a contact, imprint, locations, about or team page, nor one of the
       ``target_pages`` if the caller chose them.

    Products, articles, terms and pages of no known kind then repeat at most what the header and footer of the pages
    read have said."""
    if not any(kind in _FIRST_HAND for kind in kinds_read):
        return False
    chosen = request.target_pages if request.target_pages != DEFAULT_TARGETS else ()
    if any(frontier.waiting(kind) for kind in (*WITH_CONTACTS, *chosen)) or frontier.waiting_for_words():
        return False
    return {"email", "phone"} <= {sighting.fact.kind for sighting in found}
