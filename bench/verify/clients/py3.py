"""py3-validate-email as its documentation calls it, one address after the other."""

from __future__ import annotations

import logging
import os

from bench.verify import job as jobs

os.environ["PY3VE_IGNORE_UPDATER"] = "1"  # it would look for a newer list of its own, from a thread
from validate_email import validate_email  # type: ignore[import-untyped]


def check(address: str) -> bool | None:
    answer: bool | None = validate_email(
        address, smtp_helo_host=jobs.HELLO_NAME, smtp_from_address=jobs.SENDER, smtp_timeout=10
    )
    return answer


def verify(job: jobs.Job, outcome: jobs.Outcome, clock: jobs.Clock) -> None:
    logging.disable(logging.CRITICAL)
    check(jobs.WARM_UP)
    clock.start()
    for address in job.addresses():
        outcome.verdict({True: "valid", False: "invalid", None: "unknown"}[check(address)])
    clock.stop()


if __name__ == "__main__":
    jobs.run(verify)
