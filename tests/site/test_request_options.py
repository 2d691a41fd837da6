"""What a crawl may be asked for besides contacts: compendium, questions to a language model."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.errors import InvalidInput
from orbweave.site.llm.schemas import UnusableSchema, checked, problems
from orbweave.site.request import CLEANUP_LEVELS, MODES, STRATEGIES, CompendiumOptions, CrawlRequest, PromptOptions

URL = {"url": "https://example.com"}
SCHEMA = {"type": "object", "properties": {"services": {"type": "array"}}, "required": ["services"]}


def compendium(wish: object, mode: str | None = None) -> CompendiumOptions:
    return CrawlRequest.from_payload({**URL, "mode": mode, "compendium": wish}).compendium


def test_a_mode_brings_its_compendium_and_the_caller_has_the_last_word() -> None:
    assert not compendium(None).enabled
    assert not compendium(None, "contacts").enabled
    assert not compendium(None, "leads").enabled
    assert compendium(None, "compendium").enabled
    assert compendium(None, "full").enabled
    assert not compendium(False, "full").enabled
    assert not compendium({"enabled": False}, "full").enabled
    assert compendium(True).enabled
    assert compendium({"cleanup_level": "minimal"}, "contacts") == CompendiumOptions(True, "minimal")
    assert compendium({"max_chars": 5, "separator": None}, "full") == CompendiumOptions(True, max_chars=5)
    sections = compendium({"priority_sections": [" About ", "preise"]}).priority_sections
    assert sections == ("About", "preise")


@pytest.mark.parametrize(
    ("field", "values"),
    {
        "compendium": ["yes", 1, [], {1: 2}],
        "compendium.enabled": ["yes", 1],
        "compendium.cleanup_level": ["clean", 3],
        "compendium.max_chars": [0, 1_000_001, 1.5, True, "10"],
        "compendium.include_in_response": ["no"],
        "compendium.remove_duplicates": [0],
        "compendium.separator": [5, "-" * 101],
        "compendium.priority_sections": ["about", [""], [5], ["x"] * 51],
        "custom_ai_prompt": ["sum it up", True, []],
        "custom_ai_prompt.enabled": ["yes"],
        "custom_ai_prompt.user_prompt": [5, "x" * 20_001, " "],
        "custom_ai_prompt.system_prompt": [5, "x" * 20_001],
        "custom_ai_prompt.json_schema": [
            "object",
            [],
            {"type": "objekt"},
            {"$ref": "#"},
            {"$ref": "#/missing"},
            {"$ref": "http://127.0.0.1:1/schema"},
            {"properties": {"a": {"patternProperties": {"(a+)+$": {}}}}},
            {"description": "x" * 20_001},
        ],
        "custom_ai_prompt.output_field_name": ["", "a b", "1st", "x" * 65, 5],
        "custom_ai_prompt.model": [5, "x" * 201],
        "custom_ai_prompt.temperature": [-0.1, 2.1, "hot", float("nan")],
        "custom_ai_prompt.max_tokens": [0, 32_001, 1.5],
    }.items(),
)
def test_bad_options_name_the_field(field: str, values: list[object]) -> None:
    outer, _, inner = field.partition(".")
    asked = {"enabled": True, "user_prompt": "What do they sell?"} if outer == "custom_ai_prompt" else {}
    for value in values:
        with pytest.raises(InvalidInput) as caught:
            CrawlRequest.from_payload({**URL, outer: {**asked, inner: value} if inner else value}, model=True)
        assert caught.value.field == field, value
        assert field in str(caught.value)


def test_a_prompt_is_on_when_there_is_a_question() -> None:
    def prompt(**wish: object) -> PromptOptions | None:
        return CrawlRequest.from_payload({**URL, "custom_ai_prompt": wish}, model=True).custom_ai_prompt

    assert prompt() is None
    assert prompt(enabled=False, user_prompt="Why?") is None
    assert prompt(user_prompt=" Why? ") == PromptOptions("Why?")
    found = prompt(user_prompt="Why?", json_schema=SCHEMA, temperature=0, max_tokens=5, model="m", system_prompt=" ")
    assert found == PromptOptions("Why?", json_schema=SCHEMA, temperature=0.0, max_tokens=5, model="m")
    with pytest.raises(InvalidInput, match="user_prompt is required"):
        prompt(enabled=True)


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("extract_pain_points", {"extract_pain_points": True}),
        ("custom_ai_prompt", {"custom_ai_prompt": {"user_prompt": "Why?"}}),
        ("product_description", {"product_description": "soap", "icp_description": "hotels"}),
    ],
)
def test_what_needs_a_model_says_how_to_configure_one(field: str, wish: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="ORBWEAVE_LLM_URL") as caught:
        CrawlRequest.from_payload({**URL, **wish})
    assert caught.value.field == field
    assert CrawlRequest.from_payload({**URL, **wish}, model=True).wish_for_a_model == field


WORDS = st.lists(st.text(min_size=1, max_size=20).filter(str.strip), max_size=5)
COMPENDIUM = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "cleanup_level": st.sampled_from(CLEANUP_LEVELS),
        "max_chars": st.integers(1, 1_000_000),
        "include_in_response": st.booleans(),
        "remove_duplicates": st.booleans(),
        "separator": st.text(max_size=100),
        "priority_sections": WORDS,
    },
)
PROMPT = st.fixed_dictionaries(
    {"user_prompt": st.text(min_size=1, max_size=50).filter(str.strip)},
    optional={
        "enabled": st.booleans(),
        "system_prompt": st.text(max_size=50),
        "json_schema": st.just(SCHEMA),
        "output_field_name": st.sampled_from(["answer", "_a1"]),
        "model": st.just("other-model"),
        "temperature": st.floats(0, 2),
        "max_tokens": st.integers(1, 32_000),
    },
)
REQUESTS = st.fixed_dictionaries(
    {"url": st.just("https://example.com/")},
    optional={
        "mode": st.sampled_from([*MODES]),
        "max_pages": st.integers(1, 100),
        "crawl_strategy": st.sampled_from(STRATEGIES),
        "target_pages": WORDS,
        "timeout": st.integers(10, 120) | st.floats(10, 120),
        "enable_spa": st.booleans(),
        "spa_timeout": st.integers(10, 120),
        "extract_team": st.booleans(),
        "extract_company_info": st.booleans(),
        "extract_pain_points": st.booleans(),
        "compendium": st.booleans() | COMPENDIUM,
        "custom_ai_prompt": PROMPT,
        "stop_early": st.booleans(),
        "country": st.sampled_from(["LI", "ch"]),
    },
)


@given(REQUESTS, st.booleans())
def test_a_request_survives_being_written_down(payload: dict[str, Any], scored: bool) -> None:
    if scored:
        payload |= {"product_description": "soap", "icp_description": "hotels"}
    request = CrawlRequest.from_payload(payload, model=True)
    assert CrawlRequest.from_payload(request.payload(), model=True) == request


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_any_option_value_is_a_request_or_invalid_input(value: Any) -> None:
    for outer, options in (("compendium", CompendiumOptions), ("custom_ai_prompt", PromptOptions)):
        for name in (field.name for field in fields(options)):
            try:
                CrawlRequest.from_payload({**URL, outer: {"user_prompt": "Why?", name: value}}, model=True)
            except InvalidInput as error:
                assert error.field == f"{outer}.{name}"  # noqa: PT017


def test_an_answer_is_held_against_its_schema_in_bounded_time() -> None:
    schema = checked({"$schema": "http://json-schema.org/draft-07/schema#", **SCHEMA})
    assert problems({"services": []}, schema) == []
    assert problems({"services": "all"}, schema) == ["services: 'all' is not of type 'array'"]
    evil = checked({"type": "object", "properties": {"a": {"pattern": "(a+)+$"}}})
    assert problems({"a": "a" * 100 + "!"}, evil) == []
    doubling = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(60)}
    with pytest.raises(UnusableSchema, match="circles"):
        checked({"$defs": {**doubling, "a60": True}, "$ref": "#/$defs/a0"})
    tree = checked({"properties": {"child": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}})
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"child": deep}
    with pytest.raises(UnusableSchema, match="circles"):
        problems(deep, tree)
