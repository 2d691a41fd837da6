"""What became of each address of a crawl, and whether it is worth going on. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable

from orbweave.site.failures import NO_DOOR, OF_THE_HOST, FetchError
from orbweave.site.fetch import Answer
from orbweave.site.frontier import Target
from orbweave.site.limits import Limits
from orbweave.site.result import PageReport

_FRUITLESS_IN_A_ROW = 15

OnPage = Callable[[PageReport], None]


class Visit:
    """An address being tried; it takes until something is said about it."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._started = time.monotonic()

    def report(
        self,
        outcome: str,
        reason: str | None,
        answer: Answer | None,
        *,
        kind: str | None = None,
        status: int | None = None,
    ) -> PageReport:
        final = answer.url if answer is not None and answer.url != self.target.url else None
        return PageReport(
            url=self.target.url,
            status=answer.status if answer is not None else status,
            outcome=outcome,
            ms=round((time.monotonic() - self._started) * 1000),
            reason=reason,
            kind=kind or self.target.kind,
            final_url=final,
            source=answer.source if answer is not None else "fetched",
        )


class Ledger:
    """``stopped`` why the crawl must end; ``retry_after`` seconds for which the site wants to be left alone."""

    def __init__(self, limits: Limits, max_pages: int, on_page: OnPage | None) -> None:
        self._limits = limits
        self._max_pages = max_pages
        self._on_page = on_page
        self.reports: list[PageReport] = []
        self.pages = 0
        self.stopped: str | None = None
        self.retry_after: float | None = None
        self._failures = 0
        self._fruitless = 0

    def report(self, report: PageReport) -> None:
        self.reports.append(report)
        if self._on_page is not None:
            self._on_page(report)

    def read(self, visit: Visit, answer: Answer, note: str | None, kind: str | None) -> None:
        self._failures = self._fruitless = 0
        self.pages += 1
        self.report(visit.report("ok", note, answer, kind=kind))

    def failed(self, visit: Visit, error: FetchError, answer: Answer | None = None) -> None:
        if error.outcome != "robots":
            self._fruitless += 1
            self._failures = self._failures + 1 if error.outcome in OF_THE_HOST and not error.is_missing else 0
        wait = error.retry_after
        if wait is not None and wait > self._limits.max_retry_after:
            self.retry_after = max(wait, self.retry_after or 0.0)
            self.stopped = f"The site asks to be left alone for {wait:.0f} s."
        self.report(visit.report(error.outcome, error.reason, answer, status=error.status))

    def must_stop(self, received: int) -> bool:
        """After ``received`` bytes of bodies?"""
        if self.stopped is None:
            if self._failures >= self._limits.failures_in_a_row:
                self.stopped = f"{self._failures} pages in a row failed."
            elif received >= self._limits.site_bytes:
                self.stopped = f"The site's pages are larger than {self._limits.site_bytes:,} bytes together."
            elif self._fruitless >= _FRUITLESS_IN_A_ROW or len(self.reports) >= 3 * self._max_pages + 10:
                self.stopped = "Too many of the site's links lead to no page."
        return self.stopped is not None

    @property
    def status(self) -> str:
        if not self.pages:
            return "failed"
        return "partial" if self.stopped or self._is_troubled else "success"

    @property
    def error(self) -> str | None:
        if self.stopped is not None and (self.pages or self.retry_after or not self.reports):
            return self.stopped
        if not self.pages:
            # Of several doors the one that led farthest, else the one that was asked for.
            inside = [one for one in self.reports if one.outcome not in NO_DOOR]
            telling = inside[-1:] or self.reports[:1]
            return telling[0].reason if telling else None
        return "Most of its pages could not be read." if self._is_troubled else None

    @property
    def _is_troubled(self) -> bool:
        troubles = sum(one.outcome in OF_THE_HOST and one.status not in (404, 410) for one in self.reports)
        return troubles > self.pages
