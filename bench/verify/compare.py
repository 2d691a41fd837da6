"""CPU an address: ours and its peers with the same servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from bench.harness import Ratio, Scale, in_turn
from bench.verify.job import Outcome
from bench.verify.stage import OURS, Client, Stage
from orbweave.errors import OrbweaveError

_ROUNDS = 5
_PY3 = Client("py3-validate-email", "py3")
_AIO = Client("aiosmtplib + dnspython", "aio", ("session",))
_AIO_AS_OURS = Client("the same, a transaction each", "aio", ("transaction",))
_AIO_ALONE = Client("the same, a session and a control each", "aio", ("nothing",))
# Addresses a domain -> what ours may cost of each.
_TARGETS: dict[int, dict[Client, float | None]] = {
    10: {_PY3: 0.25, _AIO: 0.15, _AIO_AS_OURS: None, _AIO_ALONE: None},
    1: {_PY3: 1.0, _AIO: None},
}
_ADDRESSES = 2_000


async def cpu(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    for per_domain, targets in _TARGETS.items():
        async for ratio in _contest(stage, scale, per_domain, targets):
            yield ratio


async def _contest(
    stage: Stage, scale: Scale, per_domain: int, targets: Mapping[Client, float | None]
) -> AsyncIterator[Ratio]:
    clients = (OURS, *targets)
    found: dict[Client, list[Outcome]] = {client: [] for client in clients}

    def measure(client: Client) -> Callable[[], Awaitable[float]]:
        async def one() -> float:
            outcome = await _play(stage, client, per_domain, scale)
            found[client].append(outcome)
            print(
                f"     {per_domain:2} a domain {client.name:38} {outcome.us:7.0f} µs an address, "
                f"{outcome.addresses / outcome.wall:5.0f} addresses/s, {outcome.peak:4.0f} MB",
                flush=True,
            )
            return outcome.us

        return one

    medians = dict(zip(clients, await in_turn(scale.rounds(_ROUNDS), *map(measure, clients)), strict=True))
    for other, target in targets.items():
        rounds = " ".join(f"{mine.us / its.us:.2f}" for mine, its in zip(found[OURS], found[other], strict=True))
        yield Ratio(
            f"CPU an address, {per_domain} a domain, ours / {other.name}",
            medians[OURS] / medians[other],
            target,
            at_most=True,
            detail=f"{medians[OURS]:.0f} / {medians[other]:.0f} µs; rounds {rounds}",
        )


async def _play(stage: Stage, client: Client, per_domain: int, scale: Scale) -> Outcome:
    """Three of ten mailboxes don't exist; one that is alone does, so that its control is asked."""
    missing = per_domain * 3 // 10
    domains = scale.rows(_ADDRESSES) // per_domain
    outcome, seen = await stage.play(client, domains=domains, per_domain=per_domain, missing=missing)
    expected = {"valid": domains * (per_domain - missing), "invalid": domains * missing}
    # Otherwise they would not have done the same work.
    if outcome.states != {state: n for state, n in expected.items() if n}:
        raise OrbweaveError(f"{client.name} said {outcome.states}, not {expected}.")
    controls = {_PY3: 0, _AIO_ALONE: domains * (per_domain - missing)}.get(client, domains)
    if seen["controls"] != controls:
        raise OrbweaveError(f"{client.name} asked {seen['controls']} controls, not {controls}.")
    return outcome
