"""``orbweave site``: contacts of websites, without a database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, aclosing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
import typer
from rich.table import Table
from rich.text import Text

from orbweave.cli import inputs, progress
from orbweave.cli.command import SITE, Context, command
from orbweave.cli.journal import json_lines
from orbweave.cli.network import network
from orbweave.cli.output import card, plain
from orbweave.errors import InvalidInput

if TYPE_CHECKING:
    from orbweave.site import PageReport

SOCIAL = (
    *("linkedin", "twitter", "facebook", "instagram", "youtube", "github", "tiktok", "pinterest"),
    *("medium", "discord", "whatsapp", "telegram", "snapchat", "reddit"),
)
PROMPT = ("system_prompt", "user_prompt", "json_schema", "output_field_name", "model", "temperature", "max_tokens")
COMPENDIUM = (
    *("cleanup_level", "max_chars", "include_in_response", "remove_duplicates", "separator", "priority_sections"),
)

Result = dict[str, Any]


def register(app: typer.Typer) -> None:
    command(
        app,
        "site",
        options=SITE,
        examples=[
            "orbweave site https://example.com",
            "orbweave site example.com example.org --mode full --max-pages 20 --json",
            "orbweave site --file urls.txt --output contacts.jsonl",
            "orbweave site --file urls.txt --output contacts.jsonl --resume",
        ],
    )(site)


def _option(help: str, panel: str | None = None, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=panel, show_default=False, **more)


def site(
    context: Context,
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="URL...", help="Websites; - reads them from stdin.")
    ] = None,
    file: inputs.File = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File that results are appended to, a line of JSON each.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Leave out what --output holds already.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=1000, help="Websites at once.")] = 10,
    mode: Annotated[
        Literal["contacts", "compendium", "leads", "full"] | None,
        _option("What to look for: contacts (default, 5 pages), compendium (10), leads (50) or full (100)."),
    ] = None,
    max_pages: Annotated[int | None, _option("Pages of a site, 1 to 100; default as the mode says.")] = None,
    crawl_strategy: Annotated[
        Literal["bestfirst", "bfs", "dfs"] | None,
        typer.Option("--crawl-strategy", "--strategy", help="Which pages come first.", show_default="bestfirst"),
    ] = None,
    target_pages: Annotated[
        list[str] | None, _option("Page kinds, or words in links, to prefer; repeat it or use commas.", metavar="KIND")
    ] = None,
    timeout: Annotated[float | None, _option("Seconds a page may take, 10 to 120; default 30.")] = None,
    stop_early: Annotated[
        bool | None, _option("In contacts mode, stop when more pages cannot add contacts (default).")
    ] = None,
    enable_spa: Annotated[
        bool | None, _option("Render JavaScript apps with a browser, when one is installed (default).")
    ] = None,
    spa_timeout: Annotated[float | None, _option("Seconds that rendering may take, 10 to 120; default 30.")] = None,
    country: Annotated[str | None, _option("Country code that national phone numbers belong to.")] = None,
    extract_team: Annotated[bool | None, _option("People and their titles.", "What to extract")] = None,
    extract_company_info: Annotated[
        bool | None, _option("Legal name, register, VAT id, opening hours.", "What to extract")
    ] = None,
    compendium: Annotated[bool | None, _option("The pages' main content as Markdown.", "What to extract")] = None,
    cleanup_level: Annotated[
        Literal["raw", "fit", "citations", "minimal"] | None, _option("How much of a page is kept.", "Compendium")
    ] = None,
    max_chars: Annotated[int | None, _option("Length of the compendium; default 100000.", "Compendium")] = None,
    include_in_response: Annotated[bool | None, _option("Put it into the result (default).", "Compendium")] = None,
    remove_duplicates: Annotated[
        bool | None, _option("Leave out what several pages repeat (default).", "Compendium")
    ] = None,
    separator: Annotated[str | None, _option("Text between pages.", "Compendium")] = None,
    priority_sections: Annotated[
        list[str] | None, _option("Page kinds, or words in headings, that come first.", "Compendium", metavar="KIND")
    ] = None,
    extract_pain_points: Annotated[bool | None, _option("What troubles the business.", "Language model")] = None,
    product_description: Annotated[
        str | None, _option("What you sell; with --icp-description the site is scored as a lead.", "Language model")
    ] = None,
    icp_description: Annotated[str | None, _option("Your ideal customer.", "Language model")] = None,
    user_prompt: Annotated[str | None, _option("A question of your own about the site.", "Language model")] = None,
    system_prompt: Annotated[str | None, _option("How the model should behave.", "Language model")] = None,
    json_schema: Annotated[
        Path | None, _option("File with the JSON schema that the answer must fit.", "Language model")
    ] = None,
    output_field_name: Annotated[str | None, _option("Name of the answer.", "Language model")] = None,
    model: Annotated[str | None, _option("Model instead of the configured one.", "Language model")] = None,
    temperature: Annotated[float | None, _option("0 to 2.", "Language model")] = None,
    max_tokens: Annotated[int | None, _option("Length of the answer.", "Language model")] = None,
) -> None:
    """Crawl websites for e-mails, phones, addresses and profiles, each with the page it came from."""
    given = {name: value for name, value in locals().items() if value is not None}
    for other in ("context", "urls", "file", "output", "resume", "concurrency"):
        given.pop(other, None)
    if resume and output is None:
        raise InvalidInput("--resume goes on with a file of results: name it with --output.", field="resume")
    run = _Run(context, _payload(given), file, output, resume)
    try:
        failed = asyncio.run(run.all(inputs.read(urls or [], file, "URLs"), concurrency))
    except KeyboardInterrupt:
        if output is not None:
            context.out.note(f"Stopped: {run.so_far()}; --resume goes on with the rest.")
        raise
    if output is not None:
        context.out.note(f"{run.so_far()}.")
    if failed:
        raise typer.Exit(1)


def _payload(given: dict[str, Any]) -> dict[str, Any]:
    """The options as contract 2.2 has them."""
    for name in ("target_pages", "priority_sections"):
        if name in given:
            given[name] = [word.strip() for words in given[name] for word in words.split(",") if word.strip()]
    if "json_schema" in given:
        given["json_schema"] = _schema(given["json_schema"])
    compendium = {name: given.pop(name) for name in COMPENDIUM if name in given}
    if "compendium" in given or compendium:
        given["compendium"] = {"enabled": given.get("compendium", True), **compendium}
    prompt = {name: given.pop(name) for name in PROMPT if name in given}
    if prompt:
        given["custom_ai_prompt"] = {"enabled": True, **prompt}
    return given


def _schema(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"Cannot read {path}: {error.strerror}.", field="json_schema") from None
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path} is not JSON: {error}.", field="json_schema") from None


class _Run:
    """One call of the command: where results and talk go."""

    def __init__(
        self, context: Context, payload: dict[str, Any], file: Path | None, output: Path | None, resume: bool
    ) -> None:
        self._context = context
        self._out = context.out
        self._payload = payload
        self._file = file
        self._output = output
        self._resume = resume
        # A bar would be drawn over results on the same terminal.
        self._counts = output is not None or (file is not None and not context.out.stdout.is_terminal)
        self._seen: Counter[str] = Counter()
        self._with_scheme: set[str] = set()

    async def all(self, urls: AsyncIterator[str], concurrency: int) -> int:
        """The number of sites that could not be read."""
        from orbweave.site import Crawler

        with ExitStack() as stack:
            results = json_lines(self._output, "url", resume=self._resume) if self._output else None
            log = stack.enter_context(results) if results else None
            show = stack.enter_context(self._progress())
            async with network(self._context.settings) as net, Crawler.of(self._context.settings, net) as crawler:
                waiting = self._new(urls, log.holds if log else lambda url: False)
                async with aclosing(inputs.each(waiting, lambda url: self._one(crawler, url), concurrency)) as done:
                    async for data in done:
                        self._seen.update(sites=1, failed=data["crawl_status"] == "failed", mails=bool(data["emails"]))
                        if log is None:
                            self._out.emit(data, lambda data=data: _card(data))  # type: ignore[misc]
                        else:
                            log.write(data)
                        show(False)
            show(True)
        return self._seen["failed"]

    def so_far(self) -> str:
        seen = self._seen
        before = f", besides {seen['before']} that were there before" if seen["before"] else ""
        failed = f", {seen['failed']} of them could not be read" if seen["failed"] else ""
        return f"{seen['sites']} websites in {self._output}{failed}{before}"

    async def _one(self, crawler: Any, url: str) -> Result:
        from orbweave.site import CrawlRequest, SiteResult

        try:
            request = CrawlRequest.from_payload(
                {**self._payload, "url": url, "scheme_given": url in self._with_scheme}, model=crawler.model is not None
            )
        except InvalidInput as error:
            if error.field != "url":
                raise
            return SiteResult(url, "failed", (), (), error=str(error)).data()
        result: Result = (await crawler.crawl(request, self._on_page())).data()
        return result

    async def _new(self, urls: AsyncIterator[str], is_done: Callable[[str], bool]) -> AsyncIterator[str]:
        """Complete addresses, each once, without those that are done."""
        seen: set[str] = set()
        async for url in urls:
            if "://" in url:
                self._with_scheme.add(url)
            else:
                url = f"https://{url}"
            if is_done(url):
                self._seen["before"] += 1
            elif url not in seen:
                seen.add(url)
                yield url

    def _on_page(self) -> Callable[[PageReport], None] | None:
        if self._out.json and not self._counts:
            return None

        def tell(page: PageReport) -> None:
            self._seen["pages"] += page.outcome == "ok"
            if not self._counts:
                self._out.stderr.print(_line(page), soft_wrap=True)

        return tell

    @contextmanager
    def _progress(self) -> Iterator[Callable[[bool], None]]:
        if not self._counts:
            yield lambda last: None
            return
        total = _lines(self._file)
        with progress.display(self._out) as display:

            def show(last: bool) -> None:
                bars = [
                    progress.Bar("Websites", self._seen["sites"] + self._seen["before"], total),
                    progress.Bar("Pages", self._seen["pages"]),
                    progress.Bar("With e-mail", self._seen["mails"], self._seen["sites"]),
                ]
                display(bars, last)

            show(False)
            yield show


def _lines(file: Path | None) -> int | None:
    """How many inputs the file holds; None when that cannot be told beforehand."""
    if file is None or not file.is_file():
        return None
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip() and not line.startswith(b"#"))


def _line(page: PageReport) -> Text:
    good = page.outcome == "ok"
    return Text.assemble(
        ("✓ " if good else "✗ ", "green" if good else "red"),
        f"{page.status or '':>3} {page.ms / 1000:6.2f} s  ",
        (f"{page.kind or '':<10}", "cyan"),
        plain(page.final_url or page.url),
        ("" if page.reason is None else f"  {plain(page.reason)}", "dim"),
    )


def _card(data: Result) -> Table:
    status, pages = data["crawl_status"], data["pages_crawled"]
    sources = {(one["kind"], one["value"]): one for one in reversed(data["evidence"])}

    def shown(kind: str, value: str, text: str | None = None) -> Text:
        source = sources.get((kind, value))
        where = f"  {plain(source['source_url'])} ({plain(source['method'])})" if source else ""
        return Text.assemble(plain(text or value), (where, "dim"))

    def phone(one: Result) -> Text:
        fax = " fax" if one["type"] == "fax" else ""
        return shown("phone", one["e164"], f"{one['international'] or one['raw']}{fax}")

    facts = [
        ("status", f"{status}, {pages} page{'' if pages == 1 else 's'}"),
        ("why", data["metadata"].get("error")),
        ("e-mails", Text("\n").join(shown("email", one) for one in data["emails"])),
        ("phones", Text("\n").join(map(phone, data["phones"]))),
        ("addresses", Text("\n").join(shown("address", one) for one in data["addresses"])),
        *((name, shown("social", data[name])) for name in SOCIAL if data[name]),
        ("logo", data["logo"]),
        *((f"company {name}".replace("_", " "), value) for name, value in (data["company_vitals"] or {}).items()),
        ("team", [_member(one) for one in data["team_members"]]),
        ("pain points", data["pain_points"]),
        ("score", _json(data["lead_scoring"])),
        ("hooks", data["personalization_hooks"]),
        ("answer", _json(data["custom_analysis"])),
        ("compendium", data["markdown_compendium"]),
    ]
    return card(data["url"], ((name, value) for name, value in facts if str(value or "")))


def _member(person: Result) -> str:
    return ", ".join(filter(None, (person["name"], person["title"], person["email"], person["linkedin"])))


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
