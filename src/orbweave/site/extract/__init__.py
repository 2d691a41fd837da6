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
) -> list[Fact]:
    """All facts of one page. ``site`` registrable domain crawled, ``kind`` of the page as far as its link told,
    ``country`` the business is thought to be in."""
    kind = page_kind_of(document, kind)
    found = [
        *emails(document, site, kind),
        *phones(document, country),
        *socials(document, site, kind),
        *addresses(document, country),
        *logos(document),
        *(company(document, kind, site) if with_company else ()),
        *(team(document, kind, site) if with_team else ()),
    ]
    return [
        fact if len(fact.context) <= MAX_CONTEXT else replace(fact, context=fact.context[:MAX_CONTEXT])
        for fact in found
    ]
