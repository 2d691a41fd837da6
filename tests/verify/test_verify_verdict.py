"""Rules that hold for any observation."""

# ruff: noqa: E501 (lists of words)

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orbweave.verify import is_valid_count, summary, verdict
from orbweave.verify.classify import Meaning, enhanced_code, meaning, rules
from orbweave.verify.facts import Answer, Facts, Fault, NoAnswer, Reply, Route, RouteKind, Stage
from orbweave.verify.syntax import Address

WORDS = [
    "5.1.1", "5.7.1", "4.2.2", "5.2.2", "5.2.1", "4.7.1", "5.4.1", "5.0.0", "4.1.1", "#5.1.1", "user unknown", "mailbox full",
    "greylisted", "blocked using zen.spamhaus.org", "relay denied", "account disabled", "quota exceeded", "bob@a.test",
    "mailbox unavailable", "try again later", "rejected", "sender", "recipient", "",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=20), max_size=4).map(" ".join)
stages = st.sampled_from(Stage)
codes = st.sampled_from([250, 251, 252, 421, 450, 451, 452, 550, 551, 552, 553, 554, 556]) | st.integers(100, 999)
replies = st.builds(Reply, stages, codes, texts)
silences = st.builds(NoAnswer, stages, st.sampled_from(Fault), st.text(max_size=10))
answers = st.none() | replies | silences
routes = st.none() | st.builds(
    Route, st.sampled_from(RouteKind), st.lists(st.sampled_from(["mx.a.test", "x.google.com"]), max_size=2).map(tuple)
)
facts = st.builds(
    Facts,
    email=st.just("bob@a.test"),
    address=st.none() | st.just(Address("bob", "a.test")),
    syntax_fault=st.sampled_from(["", "No."]),
    free=st.booleans(),
    disposable=st.booleans(),
    role=st.booleans(),
    route=routes,
    greeted=st.booleans(),
    target=answers,
    controls=st.lists(answers.filter(bool), max_size=3).map(tuple),
    postmaster=answers,
)
ORDER = [
    "catch_all", "disposable", "role_account", "disabled", "full_inbox", "greylisted", "blocked", "smtp_unreachable", "no_mx",
    "invalid_syntax", "mailbox_not_found", "deliverable",
]  # fmt: skip


@given(facts)
def test_every_combination_has_one_verdict(seen: Facts) -> None:
    result = verdict(seen).data()
    assert result == verdict(seen).data()
    assert result["status"] in ("valid", "invalid", "risky", "unknown")
    assert result["sub_status"] in ORDER
    assert result["quality"] == {"valid": "good", "invalid": "bad"}.get(result["status"], result["status"])
    assert result["reason"]


@given(facts)
def test_score_is_the_contracts_formula(seen: Facts) -> None:
    result = verdict(seen).data()
    flags = result["flags"]
    points = (
        50
        + 10 * flags["is_valid_syntax"]
        + 10 * result["domain"]["mx_found"]
        + 10 * seen.greeted
        + 20 * flags["is_deliverable"]
        - 15 * flags["is_catch_all"]
        - 30 * flags["is_disposable"]
        - 10 * flags["is_role_account"]
        - 50 * flags["is_disabled"]
        - 20 * flags["has_full_inbox"]
    )
    assert result["score"] == max(0, min(100, points))


@given(facts)
@example(Facts("bob@a.test", Address("bob", "a.test"), target=Reply(Stage.RCPT, 550, "5.7.1 user unknown")))
@example(Facts("bob@a.test", Address("bob", "a.test"), target=Reply(Stage.RCPT, 450, "5.1.1 user unknown")))
@example(Facts("bob@a.test", Address("bob", "a.test"), target=Reply(Stage.MAIL, 550, "5.1.1 user unknown")))
def test_invalid_needs_a_permanent_word_about_the_mailbox_or_a_proof_about_the_domain(seen: Facts) -> None:
    if verdict(seen).status != "invalid":
        return
    if seen.syntax_fault or seen.address is None or (seen.route and seen.route.kind is RouteKind.NONE):
        return
    target = seen.target
    assert isinstance(target, Reply)
    assert target.stage is Stage.RCPT
    assert 500 <= target.code < 600
    code = enhanced_code(target.text)
    assert code is None or (code[0] == 5 and code[1] != 7)


@given(facts)
def test_valid_needs_the_target_accepted_and_somebody_refused(seen: Facts) -> None:
    result = verdict(seen)
    if result.deliverable:
        assert isinstance(seen.target, Reply)
        assert seen.target.stage is Stage.RCPT
        assert seen.target.code in (250, 251, 252)
        asked = [one for one in seen.controls if isinstance(one, Reply) and one.stage is Stage.RCPT]
        accepted = [one for one in asked if one.code in (250, 251, 252)]
        if result.sub_status == "catch_all":
            assert len(accepted) >= 2
        else:
            assert len(asked) > len(accepted)


@given(facts)
def test_sub_status_is_the_first_that_applies(seen: Facts) -> None:
    result = verdict(seen).data()
    flags = result["flags"]
    applies = {
        "catch_all": flags["is_catch_all"],
        "disposable": flags["is_disposable"],
        "role_account": flags["is_role_account"],
        "disabled": flags["is_disabled"],
        "full_inbox": flags["has_full_inbox"],
    }
    first = next((name for name in ORDER if applies.get(name)), None)
    assert result["sub_status"] == first if first else ORDER.index(result["sub_status"]) >= 5


@given(facts)
def test_greylisted_is_never_decided(seen: Facts) -> None:
    result = verdict(seen)
    assert not result.greylisted or result.status == "unknown"


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (550, "<full@full-inbox.test> at full-inbox.test is refused", Meaning.OPAQUE),
        (550, "5.1.1 <bob@spamhaus-fans.test>: Recipient address rejected: User unknown", Meaning.BLOCKED),
        (550, "host 5.1.1.9 said no", Meaning.OPAQUE),
        (550, "5.4.1 recipient rejected", Meaning.NOT_FOUND),
        (550, "5.1.7 bad sender's mailbox syntax", Meaning.BLOCKED),
        (450, "4.4.1 connection timed out", Meaning.LATER),
        (551, "5.7.1 forwarding to you is disabled", Meaning.BLOCKED),
        (550, "5.1.6 mailbox has moved", Meaning.NOT_FOUND),
        (552, "5.2.2 full", Meaning.FULL),
        (571, "denied", Meaning.BLOCKED),
        (521, "denied", Meaning.BLOCKED),
    ],
)
def test_texts(code: int, text: str, expected: Meaning) -> None:
    assert meaning(Reply(Stage.RCPT, code, text), "full@full-inbox.test") is expected


def test_the_addresss_own_words_are_not_read() -> None:
    reply = Reply(Stage.RCPT, 550, "5.1.1 <bob@spamhaus-fans.test>: User unknown")
    assert meaning(reply, "bob@spamhaus-fans.test") is Meaning.NOT_FOUND


@given(stages, codes, texts)
def test_a_temporary_code_never_means_opaque(stage: Stage, code: int, text: str) -> None:
    if 400 <= code < 500:
        assert meaning(Reply(stage, code, text)) is not Meaning.OPAQUE


def test_each_text_rule_has_its_source_and_date() -> None:
    for rule in [*rules()["first"], *rules()["then"]]:
        assert rule.source
        assert len(rule.seen) == 7
        assert not rule.pattern.search("")


def a_verdict(**changes: Any) -> dict[str, Any]:
    target: Answer = Reply(Stage.RCPT, 250, "OK", "mx.a.test")
    controls: tuple[Answer, ...] = (Reply(Stage.RCPT, 550, "5.1.1 no", "mx.a.test"),)
    known = {"route": Route(RouteKind.MX, ("mx.a.test",)), "greeted": True, "target": target, "controls": controls}
    return verdict(Facts("bob@a.test", Address("bob", "a.test"), **{**known, **changes})).data()


def test_what_counts_as_a_valid_email() -> None:
    assert is_valid_count(a_verdict())
    assert is_valid_count(a_verdict(role=True))
    assert not is_valid_count(a_verdict(disposable=True))
    assert not is_valid_count(a_verdict(controls=(Reply(Stage.RCPT, 250, "OK"),) * 2))
    assert not is_valid_count(a_verdict(controls=()))
    assert not is_valid_count(a_verdict(target=Reply(Stage.RCPT, 552, "5.2.2 full")))


def test_summary() -> None:
    results = [a_verdict(), a_verdict(role=True), a_verdict(target=None), a_verdict(route=Route(RouteKind.NONE))]
    data = summary(results, 1.23456)
    assert data == {
        "total": 4,
        "summary": {"valid": 1, "invalid": 1, "risky": 1, "unknown": 1, "skipped": 0},
        "results": results,
        "metadata": {"total_time_seconds": 1.235, "rate_limit_delay_seconds": 0.0},
    }


def test_reason_is_short_however_long_the_reply() -> None:
    for changes in (
        {"target": Reply(Stage.RCPT, 550, "5.1.1 " + "x" * 9000)},
        {"target": Reply(Stage.RCPT, 250, "x" * 9000)},
        {"controls": (Reply(Stage.RCPT, 550, "x" * 9000),)},
    ):
        assert len(a_verdict(**changes)["reason"]) < 1000


def test_reason_quotes_the_server() -> None:
    refused = a_verdict(target=Reply(Stage.RCPT, 550, "5.1.1 No such user", "mx.a.test"))
    assert refused["reason"] == "The mailbox does not exist. mx.a.test said: 550 5.1.1 No such user"
    assert refused["mx_used"] == "mx.a.test"


def test_every_contract_field_is_there() -> None:
    result = a_verdict()
    assert {
        "email", "status", "sub_status", "quality", "score", "flags", "domain", "dnsbl", "gravatar_url", "did_you_mean",
        "reason", "attempts", "transcript", "mx_used", "checked_at",
    } <= result.keys()  # fmt: skip
    assert result["flags"].keys() == {
        "is_valid_syntax", "is_deliverable", "is_free_email", "is_disposable", "is_role_account", "is_catch_all",
        "is_disabled", "has_full_inbox", "has_gravatar",
    }  # fmt: skip
    assert result["domain"].keys() == {"name", "mx_found", "mx_records", "smtp_provider"}
