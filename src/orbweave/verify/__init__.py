"""E-mail address -> verdict: syntax, MX, SMTP up to RCPT TO, then a pure decision. No database, no campaign."""

from orbweave.verify.dial import Dialler, try_providers
from orbweave.verify.egress import WHAT_TO_DO
from orbweave.verify.options import MAX_EMAILS, VerifyOptions
from orbweave.verify.report import is_valid_count, summary
from orbweave.verify.syntax import domain_of
from orbweave.verify.verdict import Verdict, verdict
from orbweave.verify.verifier import Verifier

__all__ = [
    "MAX_EMAILS",
    "WHAT_TO_DO",
    "Dialler",
    "Verdict",
    "Verifier",
    "VerifyOptions",
    "domain_of",
    "is_valid_count",
    "summary",
    "try_providers",
    "verdict",
]
