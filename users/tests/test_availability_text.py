"""Availability as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.availability import DAYS, Availability, parse_availability, validate_availability
from users.availability_text import availability_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, ""),
        ({"mon": [["09:00", "17:00"]]}, "Mon 09:00-17:00"),
        (
            {day: [["09:00", "17:00"]] for day in DAYS[:5]} | {"sat": [["10:00", "12:00"]]},
            "Mon-Fri 09:00-17:00; Sat 10:00-12:00",
        ),
        ({day: [["00:00", "24:00"]] for day in ("mon", "tue", "sun")}, "Mon, Tue, Sun 00:00-24:00"),
        ({"wed": [["08:00", "09:00"], ["13:30", "15:00"]]}, "Wed 08:00-09:00, 13:30-15:00"),
    ],
)
def test_reads_like_a_person_wrote_it(value: Availability, text: str) -> None:
    assert availability_text(value) == text


WINDOWS = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda window: window[0] < window[1]), max_size=3
)


@given(st.dictionaries(st.sampled_from(DAYS), WINDOWS))
def test_is_read_back_as_the_same(days: dict[str, list[tuple[int, int]]]) -> None:
    value = validate_availability(
        {day: [[face(opens), face(closes)] for opens, closes in windows] for day, windows in days.items()}
    )

    assert parse_availability(availability_text(value)) == value


def face(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
