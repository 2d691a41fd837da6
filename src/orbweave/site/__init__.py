"""Website -> contacts with evidence: robots.txt, fetch, extract. A library: no database, no campaign.

``Crawler`` drives; ``fetch`` and ``robots`` talk to servers; everything else is pure: ``document`` parses a page once,
``extract`` turns it into facts, ``frontier`` decides what is read next, ``result`` merges the pages into the answer.
"""

from orbweave.site.crawl import Crawler
from orbweave.site.limits import Limits, Pace
from orbweave.site.pages import PageStore, StoredPage
from orbweave.site.request import CrawlRequest
from orbweave.site.result import PageReport, SiteResult
from orbweave.site.urls import site_key

__all__ = [
    "CrawlRequest", "Crawler", "Limits", "Pace", "PageReport", "PageStore",
    "SiteResult", "StoredPage", "site_key",
]  # fmt: skip
