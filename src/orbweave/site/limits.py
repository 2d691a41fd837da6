"""What one crawl may take, and how gently it treats a site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes after decompression, times in seconds. ``max_retry_after`` the longest Retry-After that is waited
    for within a crawl; ``fresh_seconds`` how long a kept page is used without asking; ``never`` domains that no request
    goes to, with all their subdomains."""

    page_bytes: int = 5_000_000
    site_bytes: int = 50_000_000
    header_bytes: int = 64 * 1024
    robots_bytes: int = 500 * 1024
    sitemap_bytes: int = 5_000_000
    sitemap_urls: int = 5_000
    sitemaps: int = 4
    redirects: int = 10
    links_per_page: int = 2_000
    connect_seconds: float = 10.0
    site_seconds: float = 300.0
    failures_in_a_row: int = 5
    max_retry_after: float = 15.0
    fresh_seconds: float = 3600.0
    never: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pace:
    """``host_delay`` seconds between two requests to a site, ``host_connections`` open at once."""

    host_delay: float = 1.0
    host_connections: int = 2
    max_crawl_delay: float = 10.0
