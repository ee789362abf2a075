"""Seed content is complete, consistent and the same for the same random state."""

import re
from random import Random
from zoneinfo import available_timezones

import pytest

from mentorship_coordination.seed.content import SKILLS, TRACK_NAMES, TRACKS, TrackContent
from mentorship_coordination.seed.names import draw_people, email_word, most_people
from mentorship_coordination.seed.regions import REGIONS
from mentorship_coordination.seed.texts import (
    FEEDBACK,
    FLAG_REASONS,
    SESSION_TITLES,
    flag_reason,
    goal_title,
    review_feedback,
    session_title,
    submission_text,
)
from users.languages import language_code

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def test_has_tracks_with_distinct_names() -> None:
    assert len(TRACKS) >= 8
    assert len(TRACK_NAMES) == len({track.name for track in TRACKS}) == len(TRACKS)
    assert all(SLUG.fullmatch(slug) for slug in [*TRACK_NAMES, *SKILLS])


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.slug)
def test_gives_each_track_missions_in_the_order_of_their_dates(track: TrackContent) -> None:
    days = [mission.expected_after_days for mission in track.missions]

    assert 10 <= len(track.missions) <= 14
    assert len({mission.title for mission in track.missions}) == len(track.missions)
    assert days == sorted(set(days))
    assert all(1 <= mission.weight <= 5 for mission in track.missions)
    assert all(100 <= len(mission.brief) <= 400 and mission.brief.endswith(".") for mission in track.missions)
    assert not any(re.search(r"  |[.,;:][A-Za-z]", mission.brief) for mission in track.missions)


def test_draws_the_people_of_a_full_academy() -> None:
    people = draw_people(Random(42), 21_000)

    assert len({person.email_local for person in people}) == len({person.name for person in people}) == 21_000
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", person.email_local) for person in people)
    assert sum(not person.name.isascii() for person in people) > 5_000


def test_draws_the_same_people_again() -> None:
    assert draw_people(Random(7), 50) == draw_people(Random(7), 50)
    assert draw_people(Random(7), 50) != draw_people(Random(8), 50)


def test_refuses_more_people_than_names() -> None:
    with pytest.raises(ValueError, match="can be drawn"):
        draw_people(Random(1), most_people() + 1)


def test_writes_addresses_in_ascii() -> None:
    assert [email_word(name) for name in ("Ní Bhriain", "Großmann", "Łukasz", "Đức")] == [
        "nibhriain",
        "grossmann",
        "lukasz",
        "duc",
    ]


def test_uses_known_zones_and_languages() -> None:
    zones = {zone for region in REGIONS for zone, _ in region.zones}
    languages = {code for region in REGIONS for codes, _ in region.languages for code in codes.split(",")}

    assert zones <= available_timezones()
    assert all(language_code(code) == code for code in languages)


def test_leaves_no_placeholder_in_a_text() -> None:
    random, skills = Random(3), ("siem", "log-analysis")
    texts = [submission_text(random, mission_title="A", skills=skills) for _ in range(200)]
    texts += [goal_title(random, mission_title="A", skills=skills) for _ in range(200)]
    texts += [session_title(random, kind, mission_title="A") for kind in SESSION_TITLES for _ in range(50)]
    texts += [review_feedback(random, decision) for decision in FEEDBACK for _ in range(50)]
    texts += [flag_reason(random, category) for category in FLAG_REASONS for _ in range(50)]

    assert not any("{" in text or "  " in text for text in texts)
    assert all(text == text.strip() and len(text) >= 8 for text in texts)
