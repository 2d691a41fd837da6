"""What servers see of us, from their logs."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bench.harness import Ratio, Scale
from bench.verify.stage import OURS, Stage


async def sessions(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    _, seen = await stage.play(OURS, domains=1, per_domain=100, missing=30)
    detail = f"{seen['recipients']} recipients, {seen['most_at_once']} session at once"
    yield Ratio("sessions for 100 addresses of one domain", seen["most_sessions"], 5, at_most=True, detail=detail)
    yield Ratio("controls for them", seen["most_controls"], 2, at_most=True)
    yield Ratio("controls for them", seen["most_controls"], 1)
    yield Ratio("sessions with one server at once", seen["most_at_once"], 1, at_most=True)


async def second_run(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    _, seen = await stage.play(OURS, domains=scale.rows(500), per_domain=2, passes=2)
    detail = f"{seen['mx']} MX questions and {seen['controls']} controls in both runs"
    yield Ratio("MX questions of a domain in two runs", seen["most_mx"], 1, at_most=True, detail=detail)
    yield Ratio("controls of a domain in two runs", seen["most_controls"], 1, at_most=True, detail=detail)
    yield Ratio("commands that are none of EHLO, MAIL, RCPT, RSET, QUIT", seen["forbidden"], 0, at_most=True)
