"""From observations to a verdict. Pure, total, and by the contract's rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from orbweave.verify import lists
from orbweave.verify.classify import Meaning, is_accepted, is_permanent, meaning
from orbweave.verify.facts import Answer, Facts, Fault, NoAnswer, Reply, RouteKind, Stage

QUOTED = 300
"""Characters of a server's reply that a reason repeats."""


class Finding(StrEnum):
    """What is known about the mailbox; the values are the contract's sub_status."""

    CATCH_ALL = "catch_all"
    DISABLED = "disabled"
    FULL_INBOX = "full_inbox"
    GREYLISTED = "greylisted"
    BLOCKED = "blocked"
    SMTP_UNREACHABLE = "smtp_unreachable"
    NO_MX = "no_mx"
    INVALID_SYNTAX = "invalid_syntax"
    MAILBOX_NOT_FOUND = "mailbox_not_found"
    DELIVERABLE = "deliverable"


_STATUS = {
    Finding.CATCH_ALL: "risky",
    Finding.DISABLED: "invalid",
    Finding.FULL_INBOX: "risky",
    Finding.GREYLISTED: "unknown",
    Finding.BLOCKED: "unknown",
    Finding.SMTP_UNREACHABLE: "unknown",
    Finding.NO_MX: "invalid",
    Finding.INVALID_SYNTAX: "invalid",
    Finding.MAILBOX_NOT_FOUND: "invalid",
    Finding.DELIVERABLE: "valid",
}
_QUALITY = {"valid": "good", "risky": "risky", "invalid": "bad", "unknown": "unknown"}
_UNDECIDED = {
    Meaning.LATER: Finding.GREYLISTED,
    Meaning.BLOCKED: Finding.BLOCKED,
    Meaning.OPAQUE: Finding.BLOCKED,
    Meaning.SILENT: Finding.SMTP_UNREACHABLE,
}
_REFUSED = {Meaning.NOT_FOUND: Finding.MAILBOX_NOT_FOUND, Meaning.DISABLED: Finding.DISABLED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One address judged. ``decided_by`` is the answer it rests on, ``reason`` says it in words."""

    facts: Facts
    finding: Finding
    decided_by: Answer | None
    reason: str

    @property
    def email(self) -> str:
        return self.facts.email

    @property
    def status(self) -> str:
        """valid, invalid, risky or unknown."""
        if self.finding is Finding.DELIVERABLE and (self.facts.disposable or self.facts.role):
            return "risky"
        return _STATUS[self.finding]

    @property
    def sub_status(self) -> str:
        """The first that applies in the contract's order."""
        if self.finding is Finding.CATCH_ALL:
            return self.finding.value
        if self.facts.disposable:
            return "disposable"
        return "role_account" if self.facts.role else self.finding.value

    @property
    def greylisted(self) -> bool:
        """A temporary refusal, or our own restraint, decided it: asking again later is worth it."""
        match self.decided_by:
            case NoAnswer(fault=Fault.HELD_OFF):
                return True
            case Reply(code=code):
                temporary = code == 421
            case _:
                temporary = False
        return self.finding is Finding.GREYLISTED or (self.finding is Finding.SMTP_UNREACHABLE and temporary)

    @property
    def deliverable(self) -> bool:
        return self.finding in (Finding.DELIVERABLE, Finding.CATCH_ALL)

    @property
    def mx_found(self) -> bool:
        return self.facts.route is not None and self.facts.route.found

    @property
    def mx_used(self) -> str | None:
        """The server whose answer about the address counts."""
        target = self.facts.target
        return target.server or None if target is not None and target.stage is not Stage.CONNECT else None

    @property
    def score(self) -> int:
        """The contract's formula, 0..100."""
        points = 50
        points += 10 * (self.finding is not Finding.INVALID_SYNTAX)
        points += 10 * self.mx_found
        points += 10 * self.facts.greeted
        points += 20 * self.deliverable
        points -= 15 * (self.finding is Finding.CATCH_ALL)
        points -= 30 * self.facts.disposable
        points -= 10 * self.facts.role
        points -= 50 * (self.finding is Finding.DISABLED)
        points -= 20 * (self.finding is Finding.FULL_INBOX)
        return max(0, min(100, points))

    def data(self) -> dict[str, Any]:
        """One element of the contract's results[], every field present."""
        facts = self.facts
        route = facts.route
        domain = facts.address.domain if facts.address else None
        servers = list(route.servers) if route else []
        return {
            "email": facts.email,
            "status": self.status,
            "sub_status": self.sub_status,
            "quality": _QUALITY[self.status],
            "score": self.score,
            "flags": {
                "is_valid_syntax": self.finding is not Finding.INVALID_SYNTAX,
                "is_deliverable": self.deliverable,
                "is_free_email": facts.free,
                "is_disposable": facts.disposable,
                "is_role_account": facts.role,
                "is_catch_all": self.finding is Finding.CATCH_ALL,
                "is_disabled": self.finding is Finding.DISABLED,
                "has_full_inbox": self.finding is Finding.FULL_INBOX,
                "has_gravatar": facts.has_gravatar,
            },
            "domain": {
                "name": domain,
                "mx_found": self.mx_found,
                "mx_records": servers,
                "smtp_provider": lists.provider(servers),
            },
            "dnsbl": facts.dnsbl,
            "gravatar_url": facts.gravatar_url,
            "did_you_mean": self._did_you_mean(),
            "reason": self.reason,
            "attempts": facts.attempts,
            "normalized": str(facts.address) if facts.address else None,
            "mx_used": self.mx_used,
            "transcript": [{"command": one.command, "reply": one.reply} for one in facts.transcript],
            "checked_at": facts.checked_at.strftime("%Y-%m-%dT%H:%M:%SZ") if facts.checked_at else None,
        }

    def _did_you_mean(self) -> str | None:
        address = self.facts.address
        if address is None:
            return None
        better = lists.did_you_mean(address.domain, takes_mail=self.finding is not Finding.NO_MX)
        return f"{address.local}@{better}" if better else None


def verdict(facts: Facts) -> Verdict:
    """Total and deterministic: any combination of observations has a verdict."""
    finding, answer, why = _decide(facts)
    said = f" {answer.server or 'The server'} said: {_quoted(answer)}" if isinstance(answer, Reply) else ""
    return Verdict(facts, finding, answer, why + said)


def _decide(facts: Facts) -> tuple[Finding, Answer | None, str]:
    if facts.syntax_fault or facts.address is None:
        return Finding.INVALID_SYNTAX, None, facts.syntax_fault or "It is not an e-mail address."
    if facts.route is not None and facts.route.kind is RouteKind.NONE:
        return Finding.NO_MX, None, facts.route.note or "The domain takes no mail."
    target = facts.target
    if target is None:
        note = facts.route.note if facts.route else ""
        return Finding.SMTP_UNREACHABLE, None, note or "No mail server was asked."
    if isinstance(target, NoAnswer):
        finding = _UNDECIDED[meaning(target)]
        return finding, target, target.text or _WHY[finding]
    said = meaning(target, str(facts.address))
    if target.stage is not Stage.RCPT:
        # Whatever a server says before it heard the address is about us or about itself.
        finding = _UNDECIDED.get(said, Finding.SMTP_UNREACHABLE)
        return finding, target, f"The server stopped at {_STEP[target.stage]}, before the address was asked."
    if said is Meaning.ACCEPTED:
        return _accepted(facts.controls, target, facts.address.domain)
    if said is Meaning.FULL:
        return Finding.FULL_INBOX, target, "The mailbox is full."
    if said in _REFUSED:
        if not is_permanent(target):
            return Finding.GREYLISTED, target, "The refusal is only temporary."
        finding = _REFUSED[said]
        why = "The mailbox is disabled." if finding is Finding.DISABLED else "The mailbox does not exist."
        return finding, target, why
    if said is Meaning.OPAQUE and is_permanent(target) and _postmaster_accepted(facts):
        why = "The server accepts postmaster but refuses this recipient."
        return Finding.MAILBOX_NOT_FOUND, target, why
    finding = _UNDECIDED[said] if is_permanent(target) or said is not Meaning.OPAQUE else Finding.GREYLISTED
    return finding, target, _WHY[finding]


def _quoted(answer: Answer) -> str:
    text = str(answer)
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def _accepted(controls: tuple[Answer, ...], target: Answer, domain: str) -> tuple[Finding, Answer | None, str]:
    """Accepting the target proves nothing until the server has refused somebody."""
    if not controls:
        return Finding.SMTP_UNREACHABLE, target, "It was accepted, but no random recipient was asked to compare."
    last = controls[-1]
    all_accepted = accepts_all(controls, domain)
    if all_accepted:
        return Finding.CATCH_ALL, last, f"The server accepts it ({_quoted(target)}) and also random recipients."
    if all_accepted is False:
        return Finding.DELIVERABLE, last, f"It was accepted ({_quoted(target)}) and a random recipient was refused."
    but = f"It was accepted ({_quoted(target)}), but whether everything is could not be seen: "
    if isinstance(last, NoAnswer):
        return Finding.SMTP_UNREACHABLE, last, but + last.text
    said = meaning(last, f"@{domain}")
    if said is Meaning.ACCEPTED:
        return Finding.SMTP_UNREACHABLE, last, but + "one random recipient was accepted too, and no second one asked."
    return _UNDECIDED.get(said, Finding.GREYLISTED), last, but + "a random recipient got no clear answer."


def accepts_all(controls: Sequence[Answer], domain: str) -> bool | None:
    """Whether the server takes mail for any recipient, by the answers about random ones; None while that can't be said.

    One refusal is enough to see that it tells recipients apart. One acceptance is not enough for the contrary: a second
    random recipient has to be accepted too, and when that one is refused a third breaks the tie.
    """
    said = [_accepts(control, domain) for control in controls]
    accepted, refused = said.count(True), said.count(False)
    if accepted > 1:
        return True
    return False if refused > accepted else None


def wants_another(controls: Sequence[Answer], domain: str) -> bool:
    """Whether asking about one more random recipient could decide."""
    return all(_accepts(one, domain) is not None for one in controls) and accepts_all(controls, domain) is None


def _accepts(control: Answer, domain: str) -> bool | None:
    """Asked only after the target was accepted: a refusal next to an acceptance can only be about the recipient, even
    if it doesn't say so, unless it says that it is about us."""
    if not isinstance(control, Reply) or control.stage is not Stage.RCPT:
        return None
    said = meaning(control, f"@{domain}")
    if said is Meaning.ACCEPTED:
        return True
    return False if said in _REFUSED or (said is Meaning.OPAQUE and is_permanent(control)) else None


def _postmaster_accepted(facts: Facts) -> bool:
    answer = facts.postmaster
    return answer is not None and answer.stage is Stage.RCPT and is_accepted(answer)


_STEP = {Stage.CONNECT: "the connection", Stage.BANNER: "its greeting", Stage.HELLO: "HELO", Stage.MAIL: "MAIL FROM"}
_WHY = {
    Finding.GREYLISTED: "The server asks to try again later.",
    Finding.BLOCKED: "The server refuses us or does not say why; that says nothing of the mailbox.",
    Finding.SMTP_UNREACHABLE: "The server gave no usable answer.",
}
