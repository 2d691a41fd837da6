"""``orbweave site``: contacts of websites, without a database."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from orbweave.cli import inputs
from orbweave.cli.command import SITE, Context, command
from orbweave.cli.network import network
from orbweave.cli.output import card
from orbweave.errors import InvalidInput

SOCIAL = (
    *("linkedin", "twitter", "facebook", "instagram", "youtube", "github", "tiktok", "pinterest"),
    *("medium", "discord", "whatsapp", "telegram", "snapchat", "reddit"),
)


def register(app: typer.Typer) -> None:
    command(
        app,
        "site",
        options=SITE,
        examples=[
            "orbweave site https://example.com",
            "orbweave site example.com example.org --max-pages 5 --json",
            "cut -d, -f3 leads.csv | orbweave site - --json > contacts.jsonl",
        ],
    )(site)


def site(
    context: Context,
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="URL...", help="Websites; - reads them from stdin.")
    ] = None,
    file: inputs.File = None,
    max_pages: Annotated[
        int | None, typer.Option(min=1, max=100, help="Pages of a site; default as the mode says.")
    ] = None,
    mode: Annotated[
        Literal["contacts", "compendium", "leads", "full"],
        typer.Option(help="What to look for: 5, 10, 50 or 100 pages."),
    ] = "contacts",
    strategy: Annotated[Literal["bestfirst", "bfs", "dfs"], typer.Option(help="Which pages come first.")] = "bestfirst",
    timeout: Annotated[int, typer.Option(min=10, max=120, help="Seconds a page may take.")] = 30,
    country: Annotated[str | None, typer.Option(help="Country code that national phone numbers belong to.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=100, help="Websites at once.")] = 10,
) -> None:
    """Crawl websites for e-mails, phones, addresses and profiles, each with the page it came from."""
    payload: dict[str, Any] = {"mode": mode, "crawl_strategy": strategy, "timeout": timeout}
    payload |= {name: value for name, value in (("max_pages", max_pages), ("country", country)) if value is not None}
    failed = asyncio.run(_crawl(context, inputs.read(urls or [], file, "URLs"), payload, concurrency))
    if failed:
        raise typer.Exit(1)


async def _crawl(context: Context, urls: Any, payload: dict[str, Any], concurrency: int) -> int:
    """The number of sites that could not be read."""
    from orbweave.site import Crawler, CrawlRequest, Pace

    settings = context.settings
    pace = Pace(host_delay=settings.host_delay, host_connections=settings.host_connections)
    failed = 0
    async with network(settings) as net:
        crawler = Crawler(net, pace=pace)

        async def one(url: str) -> dict[str, Any]:
            try:
                request = CrawlRequest.from_payload({**payload, "url": url if "://" in url else f"https://{url}"})
            except InvalidInput as error:
                return {"url": url, "crawl_status": "failed", "metadata": {"error": str(error)}}
            return (await crawler.crawl(request)).data()

        async with aclosing(inputs.each(urls, one, concurrency)) as results:
            async for data in results:
                failed += data["crawl_status"] == "failed"
                context.out.emit(data, lambda data=data: _card(data))  # type: ignore[misc]
    return failed


def _card(data: dict[str, Any]) -> Table:
    status = data["crawl_status"]
    pages = data.get("pages_crawled", 0)
    facts = [
        ("status", f"{status}, {pages} page{'' if pages == 1 else 's'}"),
        ("why", data["metadata"].get("error")),
        ("e-mails", data.get("emails")),
        ("phones", [phone["international"] or phone["raw"] for phone in data.get("phones", [])]),
        ("addresses", data.get("addresses")),
        *((name, data.get(name)) for name in SOCIAL),
    ]
    return card(data["url"], facts)
