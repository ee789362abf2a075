"""Weekly availability is read from text and from JSON into one canonical form, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.availability import (
    DAYS,
    Availability,
    AvailabilityError,
    parse_availability,
    validate_availability,
)


def same_on(days: tuple[str, ...], opens: str, closes: str) -> Availability:
    return {day: [[opens, closes]] for day in days}


WORKWEEK = same_on(DAYS[:5], "09:00", "17:00")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", {}),
        ("  ; ", {}),
        ("Mon-Fri 09:00-17:00; Sat 10:00-12:00", {**WORKWEEK, "sat": [["10:00", "12:00"]]}),
        ("weekdays 9am \u2013 5pm", WORKWEEK),
        ("Monday to Friday from 9h to 17h", WORKWEEK),
        ("MO-FR: 9.00 - 17.00", WORKWEEK),
        ("mon, Wed & thurs 08:30-10", same_on(("mon", "wed", "thu"), "08:30", "10:00")),
        (
            "Tue 9-12, 14-16, Th 9-12",
            {"tue": [["09:00", "12:00"], ["14:00", "16:00"]], "thu": [["09:00", "12:00"]]},
        ),
        ("Saturdays 12am-12pm", {"sat": [["00:00", "12:00"]]}),
        ("Sat-Mon 10-11", same_on(("mon", "sat", "sun"), "10:00", "11:00")),
        ("every day 00:00-24:00", same_on(DAYS, "00:00", "24:00")),
        ("Fri 22:00-02:00", {"fri": [["22:00", "24:00"]], "sat": [["00:00", "02:00"]]}),
        ("Sun 22:00-00:00", {"sun": [["22:00", "24:00"]]}),
        ("Sun 23:30-00:45", {"mon": [["00:00", "00:45"]], "sun": [["23:30", "24:00"]]}),
        (
            "Mon 14:00-16:00, 09:00-11:00, 10:30-12:00, 12:00-13:00",
            {"mon": [["09:00", "13:00"], ["14:00", "16:00"]]},
        ),
    ],
)
def test_reads_text(text: str, canonical: Availability) -> None:
    assert parse_availability(text) == canonical


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Mon 09:00-25:00", "25:00"),
        ("Mon 09:60-11:00", "09:60"),
        ("Mon 24:15-24:30", "24:15"),
        ("Mon 24:00-09:00", "empty"),
        ("Mon 09:00-09:00", "empty"),
        ("Mon 13pm-2pm", "13pm"),
        ("Mon 1-5pm", "am or pm"),
        ("Funday 09:00-17:00", "funday"),
        ("m 09:00-17:00", "'m'"),
        ("09:00-17:00", "which days"),
        ("Mon-Fri", "which hours"),
        ("Mon; Tue 09:00-10:00", "which hours"),
        ("weekdays-Sat 9-10", "range of days"),
        ("Mon 09:00", "range of hours"),
        ("Mon 0900-1700", "range of hours"),
        ("Mon 09:00-17:00 (CET)", "range of hours"),
    ],
)
def test_refuses_text_and_names_the_fault(text: str, named: str) -> None:
    with pytest.raises(AvailabilityError) as refusal:
        parse_availability(text)

    assert named in refusal.value.message


def test_takes_json_in_any_order() -> None:
    given_json = {
        "tue": [["13:00", "24:00"], ["00:00", "09:30"], ["09:00", "10:00"]],
        "sun": [],
        "mon": [("08:00", "09:00")],
    }

    canonical = validate_availability(given_json)

    assert canonical == {"mon": [["08:00", "09:00"]], "tue": [["00:00", "10:00"], ["13:00", "24:00"]]}
    assert list(canonical) == ["mon", "tue"]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "object of days"),
        ([], "object of days"),
        ("Mon 09:00-17:00", "object of days"),
        ({"monday": [["09:00", "17:00"]]}, "'monday'"),
        ({1: []}, "'1'"),
        ({"mon": "09:00-17:00"}, "mon: expected a list"),
        ({"mon": None}, "mon: expected a list"),
        ({"mon": [["00:00", "00:01"]] * 49}, "at most 48"),
        ({"mon": ["09:00-17:00"]}, "a window is a pair"),
        ({"mon": [["09:00"]]}, "a window is a pair"),
        ({"mon": [["9:00", "17:00"]]}, "'9:00'"),
        ({"mon": [["09:00", "24:01"]]}, "'24:01'"),
        ({"mon": [["09:00", "17:60"]]}, "'17:60'"),
        ({"mon": [["\u0660\u0669:00", "17:00"]]}, "HH:MM"),
        ({"mon": [[9, 17]]}, "HH:MM"),
        ({"mon": [["17:00", "09:00"]]}, "two days"),
        ({"mon": [["24:00", "24:00"]]}, "does not end"),
    ],
)
def test_refuses_json_and_names_the_fault(value: object, named: str) -> None:
    with pytest.raises(AvailabilityError) as refusal:
        validate_availability(value)

    assert named in refusal.value.message


RANGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1440)), max_size=8)


@given(RANGES)
def test_keeps_every_minute_and_adds_none(ranges: list[tuple[int, int, int]]) -> None:
    ranges = [(day, opens, closes) for day, opens, closes in ranges if opens != closes]
    text = "; ".join(f"{DAYS[day]} {face(opens)}-{face(closes)}" for day, opens, closes in ranges)
    minutes = {
        (day * 1440 + opens + step) % 10080
        for day, opens, closes in ranges
        for step in range((closes - opens) % 1440 or 1440)
    }

    canonical = parse_availability(text)

    assert sorted(minutes) == sorted(minutes_of(canonical))
    assert validate_availability(canonical) == canonical


def face(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minutes_of(availability: Availability) -> list[int]:
    found = []
    for day, windows in availability.items():
        for opens, closes in windows:
            begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
            found += [DAYS.index(day) * 1440 + minute for minute in range(begin, end)]
    return found
