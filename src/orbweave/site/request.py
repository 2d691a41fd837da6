"""What a crawl is asked for (contract 2.2), checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from orbweave.errors import InvalidInput
from orbweave.site import kinds, urls
from orbweave.site.llm import schemas

STRATEGIES = ("bestfirst", "bfs", "dfs")
CLEANUP_LEVELS = ("raw", "fit", "citations", "minimal")
MAX_DESCRIPTION = 1024
MAX_PROMPT = 20_000
HOW_TO_CONFIGURE = (
    "set ORBWEAVE_LLM_URL (any OpenAI-compatible endpoint, such as http://127.0.0.1:11434/v1) and ORBWEAVE_LLM_MODEL, "
    "and ORBWEAVE_LLM_KEY when it wants one"
)
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
    """A question of the user's own about the site, put to the configured language model. ``json_schema`` what the
    answer must be like, None for plain text; ``output_field_name`` the key of the answer in ``custom_analysis``;
    ``model`` None is the configured one."""

    user_prompt: str
    enabled: bool = True
    system_prompt: str = ""
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
    scheme_given: bool = True
    country: str | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any], *, model: bool = False) -> CrawlRequest:
        """Raises InvalidInput naming the field. Unknown fields are ignored; null is as good as absent. ``model``: is a
        language model configured?"""
        given = _present(payload)
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
            "extract_pain_points": _flag(given, "extract_pain_points"),
            "product_description": _text(given, "product_description", MAX_DESCRIPTION),
            "icp_description": _text(given, "icp_description", MAX_DESCRIPTION),
            "compendium": _compendium(given.get("compendium"), preset.get("compendium")),
            "custom_ai_prompt": _prompt(given.get("custom_ai_prompt")),
            "stop_early": _flag(given, "stop_early"),
            "scheme_given": _flag(given, "scheme_given"),
            "country": _country(given),
        }
        request = cls(**{**preset, **_present(checked)})
        if bool(request.product_description) != bool(request.icp_description):
            missing = "icp_description" if request.product_description else "product_description"
            raise InvalidInput(
                "product_description and icp_description go together: give both or neither.", field=missing
            )
        if not model and (wish := request.wish_for_a_model):
            raise InvalidInput(
                f"{wish} needs a language model, and no language model is configured: {HOW_TO_CONFIGURE}; "
                f"or leave {wish} out.",
                field=wish,
            )
        if request.custom_ai_prompt and not request.custom_ai_prompt.user_prompt:
            where = "custom_ai_prompt.user_prompt"
            raise InvalidInput(f"{where} is required: the question about the site.", field=where)
        return request

    @property
    def wish_for_a_model(self) -> str | None:
        """The first field that asks for something only a language model can answer."""
        wishes = {
            "product_description": self.product_description,
            "custom_ai_prompt": self.custom_ai_prompt and self.custom_ai_prompt.enabled,
            "extract_pain_points": self.extract_pain_points,
        }
        return next((name for name, wanted in wishes.items() if wanted), None)

    @property
    def reads_text(self) -> bool:
        """The text of the pages is needed, not only the facts on them."""
        return self.compendium.enabled or self.wish_for_a_model is not None

    def payload(self) -> dict[str, Any]:
        """The request as ``from_payload`` takes it."""
        found = asdict(self)
        found["target_pages"] = list(self.target_pages)
        found["compendium"]["priority_sections"] = list(self.compendium.priority_sections)
        return found


def _compendium(value: Any, preset: Mapping[str, Any] | None) -> CompendiumOptions | None:
    """Whoever describes one wants one, unless ``enabled`` says otherwise; what is left open is as the mode has it."""
    if value is None or isinstance(value, bool):
        return CompendiumOptions(**{**(preset or {}), **({} if value is None else {"enabled": value})})
    given = _present(_object(value, "compendium", "true, false or an object"))
    where = "compendium"
    checked: dict[str, Any] = {
        "enabled": _flag(given, "enabled", where),
        "cleanup_level": _choice(given, "cleanup_level", CLEANUP_LEVELS, where),
        "max_chars": _number(given, "max_chars", 1, 1_000_000, where, whole=True),
        "include_in_response": _flag(given, "include_in_response", where),
        "remove_duplicates": _flag(given, "remove_duplicates", where),
        "separator": _text(given, "separator", 100, where, strip=False),
        "priority_sections": _priority_sections(given),
    }
    return CompendiumOptions(**{**(preset or {}), "enabled": True, **_present(checked)})


def _prompt(value: Any) -> PromptOptions | None:
    """None when it is off. It is on when there is a question, unless ``enabled`` says otherwise."""
    if value is None:
        return None
    where = "custom_ai_prompt"
    given = _present(_object(value, where, "an object"))
    user_prompt = _text(given, "user_prompt", MAX_PROMPT, where)
    checked: dict[str, Any] = {
        "system_prompt": _text(given, "system_prompt", MAX_PROMPT, where),
        "json_schema": _schema(given.get("json_schema")),
        "output_field_name": _field_name(given),
        "model": _text(given, "model", 200, where),
        "temperature": _number(given, "temperature", 0, 2, where),
        "max_tokens": _number(given, "max_tokens", 1, 32_000, where, whole=True),
    }
    enabled = _flag(given, "enabled", where)
    if not (user_prompt if enabled is None else enabled):
        return None
    return PromptOptions(user_prompt or "", **_present(checked))


def _schema(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    where = "custom_ai_prompt.json_schema"
    schema = _object(value, where, "an object")
    try:
        return schemas.checked(schema)
    except schemas.UnusableSchema as error:
        raise InvalidInput(f"{where} is not usable: {error}", field=where) from None


def _field_name(given: Mapping[str, Any]) -> str | None:
    value = given.get("output_field_name")
    if value is None or (isinstance(value, str) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", value)):
        return value
    where = "custom_ai_prompt.output_field_name"
    raise InvalidInput(f"{where} must be a name of at most 64 letters, digits and underscores.", field=where)


def _priority_sections(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = given.get("priority_sections")
    if value is None:
        return None
    if not _are_words(value):
        where = "compendium.priority_sections"
        raise InvalidInput(
            f"{where} must be a list of page kinds ({', '.join(kinds.KINDS)}) or words of headings.", field=where
        )
    return tuple(section.strip() for section in value)


def _target_pages(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = given.get("target_pages")
    if value is None:
        return None
    if not _are_words(value):
        raise InvalidInput(
            f"target_pages must be a list of page kinds ({', '.join(kinds.KINDS)}) or words of your own.",
            field="target_pages",
        )
    return tuple(kind.strip().lower() for kind in value)


def _are_words(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) <= 50
        and all(isinstance(word, str) and 0 < len(word.strip()) <= 64 for word in value)
    )


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


def _country(given: Mapping[str, Any]) -> str | None:
    value = given.get("country")
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha():
        return value.upper()
    raise InvalidInput("country must be a two-letter ISO code such as LI.", field="country")


# One kind of value each. ``where`` the object the field is in, "" for the request itself.


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _object(value: Any, name: str, what: str) -> dict[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    raise InvalidInput(f"{name} must be {what}.", field=name)


def _choice(given: Mapping[str, Any], name: str, allowed: tuple[str, ...], where: str = "") -> str | None:
    value = given.get(name)
    if value is None or (isinstance(value, str) and value in allowed):
        return value
    raise _invalid(name, where, f"must be one of {', '.join(allowed)}.")


def _number(
    given: Mapping[str, Any], name: str, low: int, high: int, where: str = "", *, whole: bool = False
) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high or (whole and value != int(value)):
        raise _invalid(name, where, f"must be a{' whole' if whole else ''} number from {low:,} to {high:,}.")
    return int(value) if whole else float(value)


def _flag(given: Mapping[str, Any], name: str, where: str = "") -> bool | None:
    value = given.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise _invalid(name, where, "must be true or false.")


def _text(given: Mapping[str, Any], name: str, longest: int, where: str = "", *, strip: bool = True) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise _invalid(name, where, f"must be text of at most {longest:,} characters.")
    return value.strip() or None if strip else value


def _invalid(name: str, where: str, rule: str) -> InvalidInput:
    path = f"{where}.{name}" if where else name
    return InvalidInput(f"{path} {rule}", field=path)
