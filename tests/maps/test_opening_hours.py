import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.maps.opening_hours import ALWAYS, CLOSED, DAYS, is_readable, weekly


def week(monday: str, tuesday: str | None = None, saturday: str | None = None, sunday: str | None = None) -> list[str]:
    """The days from Monday on; those left out are like the one before."""
    given_days = (monday, tuesday, None, None, None, saturday, sunday)
    days: list[str] = []
    for day in given_days:
        days.append(day if day is not None else days[-1])
    return days


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        ("24/7", week(ALWAYS)),
        ("00:00-24:00", week(ALWAYS)),
        ("24/7; Su off", week(ALWAYS, sunday=CLOSED)),
        ("08:00-18:00", week("08:00-18:00")),
        ("Mo-Fr 08:00-12:00,13:30-18:00", week("08:00-12:00, 13:30-18:00", saturday=CLOSED)),
        (
            "Mo-Fr 08:00-12:00, 13:30-18:00; Sa 08:00-16:00; PH off",
            week("08:00-12:00, 13:30-18:00", saturday="08:00-16:00", sunday=CLOSED),
        ),
        ("Mo-Sa 08:00-18:00; Mo off", week(CLOSED, "08:00-18:00", sunday=CLOSED)),
        ("Mo-Su 18:00-02:00", week("18:00-02:00")),
        ("Su 22:00-03:00", week(CLOSED, sunday="22:00-03:00")),
        ("Mo-Fr 10:00-24:00", week("10:00-24:00", saturday=CLOSED)),
        ("Mo-Fr 08:00-18:00+", week("08:00-18:00", saturday=CLOSED)),
        ("Mo-Fr 09:00–12:30", week("09:00-12:30", saturday=CLOSED)),
        ("Mo-Fr 08:00-18:00; Dec 25 off", week("08:00-18:00", saturday=CLOSED)),
        ("Jan-Dec 08:00-18:00", week("08:00-18:00")),
        ('Mo-Fr 09:00-12:00 "ring the bell"', week("09:00-12:00", saturday=CLOSED)),
    ],
)
def test_by_weekday(raw: str, days: list[str]) -> None:
    assert weekly(raw) == dict(zip(DAYS, days, strict=True))


@pytest.mark.parametrize(
    "raw",
    [
        "Apr-Oct 10:00-17:00",
        "Jun 15-Sep 15 10:00-17:00",
        "week 1-53/2 Mo 10:00-12:00",
        "sunrise-sunset",
        "17:00+",
        "Mo-Fr",
        "PH off",
        "off",
        '"by appointment"',
        "Mo-Fr 10:00-12:00 unknown",
    ],
)
def test_what_is_not_the_same_each_week_is_not_said_to_be(raw: str) -> None:
    assert is_readable(raw)
    assert weekly(raw) is None


@pytest.mark.parametrize("raw", ["", "always", "Mo-Fr 08:00", "8-17 Uhr", "+423 232 22 88", "24/7;" * 1000])
def test_what_cannot_be_read(raw: str) -> None:
    assert not is_readable(raw)
    assert weekly(raw) is None


PIECES = """
    Mo Tu-Th Sa,Su PH Jan-Mar Dec 24 2026 week 08:00-12:00 22:00-03:00 18:00+ sunrise easter off open ; , - [1] "x"
"""
HOURS = st.lists(st.sampled_from(PIECES.split()), max_size=8).map(" ".join)


@given(HOURS | st.text(max_size=40))
def test_any_text_is_a_week_or_none(raw: str) -> None:
    found = weekly(raw)
    assert found is None or (tuple(found) == DAYS and all(found.values()))
