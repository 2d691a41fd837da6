"""What a crawl is asked for (contract 2.2), checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from orbweave.errors import InvalidInput
from orbweave.site import kinds, urls

STRATEGIES = ("bestfirst", "bfs", "dfs")
CLEANUP_LEVELS = ("raw", "fit", "citations", "minimal")
DEFAULT_TARGETS = ("contact", "about", "team", "news", "blog")
# mode -> what it sets unless the caller says otherwise.
MODES: dict[str, dict[str, Any]] = {
    "contacts": {"max_pages": 5},
    "compendium": {"max_pages": 10, "compendium": {"enabled": True}},
    "leads": {"max_pages": 50, "extract_team": True, "extract_company_info": True},
    "full": {"max_pages": 100, "extract_team": True, "extract_company_info": True, "compendium": {"enabled": True}},
}


@dataclass(frozen=True)
class CompendiumOptions:
    """The pages as one Markdown text. ``max_chars`` of all together; ``include_in_response`` in the result itself;
    ``separator`` between pages; ``priority_sections`` page kinds, or words looked for in headings, that come first."""

    enabled: bool = False
    cleanup_level: str = "fit"
    max_chars: int = 100_000
    include_in_response: bool = True
    remove_duplicates: bool = True
    separator: str = "\n\n---\n\n"
    priority_sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class PromptOptions:
    """A question of the user's own about the site, put to the configured language model. ``output_field_name`` the key
    of the answer in ``custom_analysis``; ``model`` None is the configured one."""

    enabled: bool = False
    system_prompt: str = ""
    user_prompt: str = ""
    json_schema: Mapping[str, Any] | None = None
    output_field_name: str = "custom_analysis"
    model: str | None = None
    temperature: float = 0.2
    max_tokens: int = 1024


@dataclass(frozen=True)
class CrawlRequest:
    """``timeout`` seconds per page; ``target_pages`` kinds of ``kinds.KINDS`` or words looked for in links;
    ``country`` ISO alpha-2 where the business is thought to be (for phone numbers)."""

    url: str
    mode: str = "contacts"
    max_pages: int = 10
    crawl_strategy: str = "bestfirst"
    target_pages: tuple[str, ...] = DEFAULT_TARGETS
    timeout: float = 30.0
    enable_spa: bool = True
    spa_timeout: float = 30.0
    extract_team: bool = False
    extract_company_info: bool = False
    extract_pain_points: bool = False
    product_description: str | None = None
    icp_description: str | None = None
    compendium: CompendiumOptions = CompendiumOptions()
    custom_ai_prompt: PromptOptions | None = None
    stop_early: bool = True
    country: str | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any], *, model: bool = False) -> CrawlRequest:
        """Raises InvalidInput naming the field. Unknown fields are ignored; null is as good as absent. ``model``: is a
        language model configured?"""
        given = {name: value for name, value in payload.items() if value is not None}
        _refuse_what_needs_a_model(given)
        mode = _choice(given, "mode", tuple(MODES))
        preset = MODES[mode] if mode else {}
        checked = {
            "url": _url(given),
            "mode": mode,
            "max_pages": _number(given, "max_pages", 1, 100, whole=True),
            "crawl_strategy": _choice(given, "crawl_strategy", STRATEGIES),
            "target_pages": _target_pages(given),
            "timeout": _number(given, "timeout", 10, 120),
            "enable_spa": _flag(given, "enable_spa"),
            "spa_timeout": _number(given, "spa_timeout", 10, 120),
            "extract_team": _flag(given, "extract_team"),
            "extract_company_info": _flag(given, "extract_company_info"),
            "country": _country(given),
        }
        return cls(**{**preset, **{name: value for name, value in checked.items() if value is not None}})

    def payload(self) -> dict[str, Any]:
        """The request as ``from_payload`` takes it."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**found, "target_pages": list(self.target_pages)}


def _url(given: Mapping[str, Any]) -> str:
    url = given.get("url")
    if not isinstance(url, str) or not url.strip():
        raise InvalidInput("url is required: the http(s) address of the website.", field="url")
    url = url.strip()
    if len(url) > urls.MAX_URL:
        raise InvalidInput(f"url is longer than {urls.MAX_URL} characters.", field="url")
    if urls.canonical(url) is None:
        raise InvalidInput(
            f"url {url[:100]!r} is not an http(s) address; write it like https://example.com/.", field="url"
        )
    return url


def _choice(given: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is None or (isinstance(value, str) and value in allowed):
        return value
    raise InvalidInput(f"{name} must be one of {', '.join(allowed)}.", field=name)


def _number(given: Mapping[str, Any], name: str, low: int, high: int, *, whole: bool = False) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (whole and value != int(value)):
        raise InvalidInput(f"{name} must be a{' whole' if whole else ''} number from {low} to {high}.", field=name)
    return int(value) if whole else float(value)


def _flag(given: Mapping[str, Any], name: str) -> bool | None:
    value = given.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise InvalidInput(f"{name} must be true or false.", field=name)


def _target_pages(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = given.get("target_pages")
    if value is None:
        return None
    if (
        not isinstance(value, list | tuple)
        or len(value) > 50
        or not all(isinstance(kind, str) and 0 < len(kind.strip()) <= 64 for kind in value)
    ):
        raise InvalidInput(
            f"target_pages must be a list of page kinds ({', '.join(kinds.KINDS)}) or words of your own.",
            field="target_pages",
        )
    return tuple(kind.strip().lower() for kind in value)


def _country(given: Mapping[str, Any]) -> str | None:
    value = given.get("country")
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha():
        return value.upper()
    raise InvalidInput("country must be a two-letter ISO code such as LI.", field="country")


def _refuse_what_needs_a_model(given: Mapping[str, Any]) -> None:
    product, icp = given.get("product_description"), given.get("icp_description")
    for name, value in (("product_description", product), ("icp_description", icp)):
        if value is not None and (not isinstance(value, str) or len(value) > 1024):
            raise InvalidInput(f"{name} must be text of at most 1024 characters.", field=name)
    if bool(product) != bool(icp):
        missing = "icp_description" if product else "product_description"
        raise InvalidInput("product_description and icp_description go together: give both or neither.", field=missing)
    prompt = given.get("custom_ai_prompt")
    if prompt is not None and not isinstance(prompt, dict):
        raise InvalidInput("custom_ai_prompt must be an object.", field="custom_ai_prompt")
    asked: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("product_description", lambda: product and icp),
        ("custom_ai_prompt", lambda: prompt and prompt.get("enabled")),
        ("extract_pain_points", lambda: _flag(given, "extract_pain_points")),
    )
    for name, wanted in asked:
        if wanted():
            raise InvalidInput(
                f"{name} needs a language model, and no language model is configured. Leave {name} out.", field=name
            )
