"""What one crawl may take, and how gently it treats a site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes after decompression, times in seconds."""

    page_bytes: int = 5_000_000
    site_bytes: int = 50_000_000
    robots_bytes: int = 512 * 1024
    sitemap_bytes: int = 5_000_000
    sitemap_urls: int = 5_000
    redirects: int = 10
    links_per_page: int = 2_000
    connect_seconds: float = 10.0
    site_seconds: float = 300.0
    failures_in_a_row: int = 5
    max_retry_after: float = 15.0


@dataclass(frozen=True, slots=True)
class Pace:
    """``host_delay`` seconds between two requests to a site, ``host_connections`` open at once."""

    host_delay: float = 1.0
    host_connections: int = 2
    max_crawl_delay: float = 10.0
