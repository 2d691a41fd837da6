"""Pure extractors: a parsed page in, facts out. None of them raises, whatever the page holds."""

from __future__ import annotations

from dataclasses import replace

from orbweave.site.document import Document
from orbweave.site.extract.addresses import addresses
from orbweave.site.extract.company import company
from orbweave.site.extract.emails import emails
from orbweave.site.extract.logo import logos
from orbweave.site.extract.phones import phones
from orbweave.site.extract.socials import socials
from orbweave.site.extract.team import team
from orbweave.site.facts import MAX_CONTEXT, Fact
from orbweave.site.kinds import page_kind_of

__all__ = ["addresses", "company", "emails", "facts", "logos", "phones", "socials", "team"]


def facts(
    document: Document,
    *,
    site: str = "",
    kind: str | None = None,
    country: str | None = None,
    with_team: bool = False,
    with_company: bool = False,
    logo_known_by: str | None = None,
) -> list[Fact]:
    """All facts of one page. ``site`` registrable domain crawled, ``kind`` of the page as far as its link told,
    ``country`` the business is thought to be in; ``logo_known_by`` the method by which another page told its logo, so
    that only surer ones are of interest."""
    kind = page_kind_of(document, kind)
    found = [
        *emails(document, site, kind),
        *phones(document, country),
        *socials(document, site, kind),
        *addresses(document, country),
    ]
    # What else there is tells that the page is one of the business's; without it, the logo does.
    found += logos(document, logo_known_by if found else None)
    if with_company:
        found += company(document, kind, site)
    if with_team:
        found += team(document, kind, site)
    return [
        fact if len(fact.context) <= MAX_CONTEXT else replace(fact, context=fact.context[:MAX_CONTEXT])
        for fact in found
    ]
