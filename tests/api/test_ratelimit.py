from hypothesis import given
from hypothesis import strategies as st

from orbweave.api.ratelimit import SWEEP_SIZE, Rate, RateLimiter


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_one_per_interval() -> None:
    clock = Clock()
    limiter, rate = RateLimiter(clock), Rate(per_minute=100, burst=20)
    burst = [limiter.hit("a", rate) for _ in range(21)]
    assert [each.allowed for each in burst] == [True] * 20 + [False]
    assert [each.remaining for each in burst] == [*range(19, -1, -1), 0]
    clock.now += burst[-1].retry_after
    assert limiter.hit("a", rate).allowed
    assert not limiter.hit("a", rate).allowed
    assert limiter.hit("b", rate).allowed, "each key has its own allowance"


def test_headers_count_whole_seconds_and_never_too_few() -> None:
    clock = Clock()
    limiter, rate = RateLimiter(clock), Rate(per_minute=100, burst=1)
    assert limiter.hit("a", rate).headers(5.0) == {
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "6",
    }
    assert limiter.hit("a", rate).headers(5.0)["Retry-After"] == "1"


def test_zero_is_unlimited_and_says_nothing() -> None:
    limiter = RateLimiter(Clock())
    decisions = [limiter.hit("a", Rate(0, 1)) for _ in range(100)]
    assert all(each.allowed for each in decisions)
    assert decisions[0].headers(0.0) == {}


def test_looking_costs_nothing() -> None:
    limiter, rate = RateLimiter(Clock()), Rate(60, 5)
    assert [limiter.peek("a", rate).remaining for _ in range(9)] == [5] * 9


def test_those_who_owe_nothing_are_forgotten() -> None:
    clock = Clock()
    limiter, rate = RateLimiter(clock), Rate(60, 5)
    for number in range(SWEEP_SIZE + 1):
        clock.now += 1
        limiter.hit(str(number), rate)
    assert len(limiter._paid_at) == 1


@given(
    rate=st.builds(Rate, st.integers(1, 6000), st.integers(1, 100)),
    waits=st.lists(st.floats(0, 10, allow_nan=False), max_size=200),
)
def test_never_more_than_the_burst_and_the_rate_allow(rate: Rate, waits: list[float]) -> None:
    clock = Clock()
    limiter = RateLimiter(clock)
    start, admitted = clock.now, 0
    for wait in waits:
        clock.now += wait
        decision = limiter.hit("a", rate)
        admitted += decision.allowed
        assert admitted <= rate.burst + (clock.now - start) / rate.interval + 1e-6
        if not decision.allowed:
            assert 0 < decision.retry_after <= rate.interval + 1e-6
        assert decision.remaining <= rate.burst
