"""Whatever is typed: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orbweave.cli import main

# What the system lets through as an argument of a command.
WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NUMBER = st.integers().map(str)
URL = st.one_of(WORD, st.builds("{}://{}/{}".format, st.sampled_from(["http", "https", "ftp", ""]), WORD, WORD))
EMAIL = st.one_of(WORD, st.builds("{}@{}.test".format, WORD, WORD))
VALUE = st.one_of(
    WORD, NUMBER, st.sampled_from(["", "0", "-1", "1e999", "nan", "LI", "a:b", "[::1]:53", "10.0.0.0/33"])
)


def option(*names: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.builds("{}={}".format, st.sampled_from(names), VALUE), max_size=2)


def campaigns(*words: str) -> st.SearchStrategy[list[str]]:
    return WORD.map(lambda word: ["campaigns", *words, "--", word])


COMMANDS = st.one_of(
    st.builds(
        lambda o, q: ["maps", *o, "--", q], option("--in", "--country", "--max-results", "--lang", "--source"), WORD
    ),
    st.builds(lambda o, u: ["site", *o, "--", u], option("--max-pages", "--mode", "--country", "--nameserver"), URL),
    st.builds(
        lambda o, e: ["verify", *o, "--", e], option("--timeout", "--smtp-hello", "--smtp-from", "--ca-file"), EMAIL
    ),
    st.builds(
        lambda o, q: ["run", "--country=LI", *o, "--", q],
        option("--country", "--min-population", "--region", "--location", "--bbox", "--max-results", "-o", "--server"),
        WORD,
    ),
    st.builds(
        lambda o: ["config", "show", *o], option("--port", "--home", "--connect-to", "--allow-network", "--host-delay")
    ),
    st.one_of(*map(campaigns, ["status", "next", "stop", "continue", "results"])),
    st.builds(lambda o: ["campaigns", "list", *o], option("--status", "--country", "--limit", "--server")),
    st.lists(WORD, max_size=3),
)


@pytest.fixture(scope="module")
def surroundings(practice: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Everything leads to the practice internet or to nobody, and an empty home."""
    home = tmp_path_factory.mktemp("home")
    here = {"ORBWEAVE_HOME": str(home), "ORBWEAVE_SERVER": "http://127.0.0.1:1", "ORBWEAVE_TOKEN": "a:b:c"}
    with contextlib.chdir(home):
        yield practice | here


@given(arguments=COMMANDS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_bad_input_is_a_sentence(surroundings: dict[str, str], arguments: list[str]) -> None:
    words = (
        [arguments[0], "--json", *arguments[1:]] if arguments[:1] not in ([], ["campaigns"], ["config"]) else arguments
    )
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        mock.patch.dict(os.environ, surroundings),
        mock.patch("sys.stdin", io.StringIO()),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        code = main(words)
    said = stderr.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert code in (0, 1, 2), words
    assert "Traceback" not in said
    assert "Unexpected" not in said, words
    if "--json" in words:
        assert all(isinstance(json.loads(line), dict) for line in said.splitlines())


def test_a_word_that_is_no_text_is_usage(cli: Any) -> None:
    assert cli("maps", "a\udc80b", "--country", "LI").code == 2
