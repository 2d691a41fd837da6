"""E-mail address -> verdict: syntax, MX, SMTP up to RCPT TO, then a pure decision. No database, no campaign."""

from orbweave.verify.options import MAX_EMAILS, VerifyOptions
from orbweave.verify.report import is_valid_count, summary
from orbweave.verify.syntax import domain_of
from orbweave.verify.verdict import Verdict, verdict
from orbweave.verify.verifier import Verifier

__all__ = ["MAX_EMAILS", "Verdict", "Verifier", "VerifyOptions", "domain_of", "is_valid_count", "summary", "verdict"]
