"""What an answer means. The enhanced code decides where servers can be trusted with it, else a dated table of their
texts (data/replies.yaml), else the bare code. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from orbweave.verify.facts import Answer, Fault, Reply, Stage


class Meaning(StrEnum):
    ACCEPTED = "accepted"
    NOT_FOUND = "not_found"
    DISABLED = "disabled"
    FULL = "full"
    LATER = "later"  # temporary: ask again
    BLOCKED = "blocked"  # about us: policy, reputation, sender, HELO, relaying
    OPAQUE = "opaque"  # a permanent refusal that doesn't say of what
    SILENT = "silent"  # 421, a drop, a time-out, nonsense: nothing was said


MAX_READ = 1000
"""Characters of a reply that are read for their meaning: a stranger's text must not cost much."""

_ACCEPTING = {Stage.BANNER: {220}, Stage.HELLO: {250}, Stage.MAIL: {250}, Stage.RCPT: {250, 251, 252}}

# RFC 3463 and its registry: subject.detail of codes that servers use as they are meant, for 5.x.x and for 4.x.x.
_PERMANENT = {
    **{(1, detail): Meaning.NOT_FOUND for detail in (0, 1, 2, 3, 4, 6, 10)},
    (1, 7): Meaning.BLOCKED,  # the sender's address
    (1, 8): Meaning.BLOCKED,
    (2, 1): Meaning.DISABLED,
    (2, 2): Meaning.FULL,
    (4, 1): Meaning.NOT_FOUND,  # Exchange Online's directory-based edge blocking
    (5, 3): Meaning.LATER,  # too many recipients
}
_TEMPORARY = {(1, 1): Meaning.NOT_FOUND, (2, 1): Meaning.LATER, (2, 2): Meaning.FULL}
# Of the rest, what a whole subject is about when the text doesn't say more: not the mailbox and not us.
_FAULTS = {3: "the server", 4: "routing", 5: "the protocol", 6: "the message"}
# Commands out of turn or not understood; whatever the text names, it is not judged.
_SEQUENCE = {500, 502, 503, 504}
# A text says more than a code that only says that mail can't be delivered; a full mailbox at least exists.
_MORE_EXACT = {
    Meaning.NOT_FOUND: (Meaning.FULL, Meaning.DISABLED, Meaning.LATER),
    Meaning.DISABLED: (Meaning.FULL, Meaning.LATER),
}
_BY_CODE = {
    421: Meaning.SILENT,
    500: Meaning.SILENT,
    502: Meaning.SILENT,
    503: Meaning.SILENT,
    504: Meaning.SILENT,
    521: Meaning.BLOCKED,
    522: Meaning.FULL,
    525: Meaning.DISABLED,
    530: Meaning.BLOCKED,
    534: Meaning.BLOCKED,
    535: Meaning.BLOCKED,
    538: Meaning.BLOCKED,
    552: Meaning.FULL,
    555: Meaning.SILENT,
    556: Meaning.NOT_FOUND,  # RFC 7504: the domain does not accept mail
    571: Meaning.BLOCKED,
}

# At the start, or marked as one ("#5.1.1", "(5.1.1)", "[5.1.1]"): a bare 5.1.1 elsewhere may be part of an IP address.
_ENHANCED = re.compile(r"(?:^|[#(\[])\s*([245])\.(\d{1,3})\.(\d{1,3})(?![.\d])")
# What a page is called says nothing of the reply; its host may (a block list's).
_URL = re.compile(r"(https?://[^/\s]*)\S*")
# Queue ids and the like, which differ in texts that are otherwise the same: reading is dear, so each is read once.
_SERIAL = re.compile(r"\b(?=[a-z_-]*\d)[a-z0-9_-]{8,}")


@dataclass(frozen=True, slots=True)
class Rule:
    meaning: Meaning
    pattern: re.Pattern[str]
    source: str
    seen: str
    only: int | None  # first digit of the codes it holds for

    def matches(self, code: int, text: str) -> bool:
        return self.only in (None, code // 100) and self.pattern.search(text) is not None


@cache
def rules() -> dict[str, tuple[Rule, ...]]:
    """The text table: ``first``, ``then``, ``session`` and ``reputation`` (see the data file)."""
    # The loader in C, where PyYAML has it, is ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table = yaml.load((files("orbweave.verify") / "data" / "replies.yaml").read_text("utf-8"), loader)  # noqa: S506 (safe ones)
    return {
        part: tuple(
            Rule(
                Meaning(row["meaning"]),
                re.compile("|".join(f"(?:{words})" for words in row["words"])),
                row["source"],
                str(row["seen"]),
                row.get("only"),
            )
            for row in rows
        )
        for part, rows in table.items()
    }


def enhanced_code(text: str) -> tuple[int, int, int] | None:
    """class, subject, detail of the reply's enhanced status code (RFC 3463)."""
    match = _ENHANCED.search(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def is_permanent(reply: Reply) -> bool:
    """A 5xx that doesn't take itself back with an enhanced 4.x.x."""
    enhanced = enhanced_code(reply.text)
    return reply.code >= 500 and (enhanced is None or enhanced[0] == 5)


def is_accepted(answer: Answer) -> bool:
    return isinstance(answer, Reply) and answer.code in _ACCEPTING.get(answer.stage, ())


def ends_session(reply: Reply, about: str) -> bool:
    """The server has heard enough in this session: what it says of a recipient may be no more than that."""
    if reply.code < 400:
        return False
    return reply.code == 421 or _by_text("session", reply.code, _plain(reply.text, about)) is not None


def blames_our_address(answer: Answer, about: str = "") -> bool:
    """It is said that our IP address has a bad name: every further question makes that worse."""
    if not isinstance(answer, Reply) or answer.code < 400:
        return False
    if meaning(answer, about) not in (Meaning.BLOCKED, Meaning.LATER, Meaning.SILENT):
        return False
    return _by_text("reputation", answer.code, _plain(answer.text, about)) is not None


def meaning(answer: Answer, about: str = "") -> Meaning:
    """What ``answer`` says of the address ``about``, whose own words (full@…) are kept out of the reading of the text.

    NOT_FOUND, DISABLED and FULL don't tell whether it is for good: see ``is_permanent``.
    """
    if not isinstance(answer, Reply):
        return Meaning.BLOCKED if answer.fault in (Fault.HELD_OFF, Fault.OPTED_OUT) else Meaning.SILENT
    if is_accepted(answer):
        return Meaning.ACCEPTED
    return classify(answer.stage, answer.code, _plain(answer.text, about))


@lru_cache(1024)
def _plain(text: str, about: str) -> str:
    text = text[:MAX_READ].lower()
    for words in (about.lower(), about.rpartition("@")[2].lower()):
        if words:
            text = text.replace(words, "<>")
    return _SERIAL.sub("#", _URL.sub(r"\1", text))


@lru_cache(4096)
def classify(stage: Stage, code: int, text: str) -> Meaning:
    """What a reply that doesn't accept means; ``text`` in lower case, without the asked address and without what is
    different each time."""
    if not 400 <= code < 600:
        return Meaning.SILENT
    return _by_text("first", code, text) or (
        _about_recipient(code, text) if stage is Stage.RCPT else _about_client(stage, code)
    )


def _about_recipient(code: int, text: str) -> Meaning:
    if code == 421:
        return Meaning.SILENT
    by_code = _by_enhanced(text)
    by_text = _by_text("then", code, text) if code not in _SEQUENCE else None
    if by_code is None or by_text in _MORE_EXACT.get(by_code, ()):
        by_code = by_text
    return by_code or _by_subject(text) or _BY_CODE.get(code) or (Meaning.LATER if code < 500 else Meaning.OPAQUE)


def _about_client(stage: Stage, code: int) -> Meaning:
    if code == 421:
        return Meaning.SILENT
    if code < 500:
        return Meaning.LATER
    return Meaning.OPAQUE if stage is Stage.BANNER else Meaning.BLOCKED


def _by_enhanced(text: str) -> Meaning | None:
    match enhanced_code(text):
        case (5, 7, _):
            return Meaning.BLOCKED
        case (4, subject, detail):
            return _TEMPORARY.get((subject, detail))
        case (5, subject, detail):
            return _PERMANENT.get((subject, detail))
        case _:
            return None


def _by_subject(text: str) -> Meaning | None:
    match enhanced_code(text):
        case (5, subject, detail) if detail and subject in _FAULTS:
            return Meaning.SILENT
        case _:
            return None


@lru_cache(4096)
def _by_text(part: str, code: int, text: str) -> Meaning | None:
    return next((rule.meaning for rule in rules()[part] if rule.matches(code, text)), None)
