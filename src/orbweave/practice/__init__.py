"""The practice internet: DNS, web and mail servers on loopback for the demo, the tests and the benches.

    async with Practice("LI") as practice:
        practice.settings()      # the ORBWEAVE_* variables that lead a client here
        practice.expected        # host -> what a perfect crawler and verifier would find there
        practice.log             # what the servers saw

It answers for the websites and mail domains of real businesses of the open data, and for sites made up by the caller,
each with a well-behaved or hostile behaviour chosen by data (practice/behaviours/). Nothing else in Orbweave imports it
but the command that starts it: it is reached through settings.
"""

from orbweave.practice.internet import Practice
from orbweave.practice.log import DnsQuery, HttpRequest, Log, SmtpSession
from orbweave.practice.serve import NOBODY, running, running_env, serve
from orbweave.practice.sites import Business, Person, PracticeSite, RawPage, synthetic
from orbweave.practice.truth import Expected, ExpectedAddress

__all__ = [
    "NOBODY",
    "Business",
    "DnsQuery",
    "Expected",
    "ExpectedAddress",
    "HttpRequest",
    "Log",
    "Person",
    "Practice",
    "PracticeSite",
    "RawPage",
    "SmtpSession",
    "running",
    "running_env",
    "serve",
    "synthetic",
]
