"""Finding a person or a page …"""

from __future__ import annotations

import pytest
from django.test import Client

from conftest import Cast
from tests import factories
from tests.database import as_system
from tests.people import browser_of


def found(browser: Client, path: str, words: str) -> list[tuple[str, str]]:
    answer = browser.get(path, {"q": words})
    assert answer.status_code == 200
    return [(each.words, each.kind) for each in answer.context["found"]]


def test_knows_a_mentors_mentees_by_a_part_of_their_name(cast: Cast) -> None:
    mentor = browser_of(cast.mentor)
    assert found(mentor, "/mentor/find", "oka") == [("Mina Okafor", "mentee")]
    assert f"/mentor/mentees/{cast.student.pk}" in mentor.get("/mentor/find?q=oka").content.decode()
    assert found(mentor, "/mentor/find", cast.stranger.name) == []


def test_puts_names_that_begin_so_first(cast: Cast) -> None:
    with as_system():
        for name in ("Anna Minster", "Minnie Zorn"):
            enrolment = factories.EnrolmentFactory(cohort=cast.cohort, student__name=name)
            factories.AssignmentFactory(enrolment=enrolment, mentor=cast.mentor)
    names = [words for words, _ in found(browser_of(cast.mentor), "/mentor/find", "min")]
    assert names == ["Mina Okafor", "Minnie Zorn", "Anna Minster"]


def test_shows_the_pages_of_the_role_without_words(cast: Cast) -> None:
    for person, path in ((cast.mentor, "mentor"), (cast.student, "student"), (cast.director, "director")):
        kinds = {kind for _, kind in found(browser_of(person), f"/{path}/find", "")}
        assert kinds == {"page"}


def test_knows_a_students_missions(cast: Cast) -> None:
    words = cast.mission.title[:6]
    assert (cast.mission.title, "mission") in found(browser_of(cast.student), "/student/find", words)


def test_knows_mentors_and_students_of_a_directors_cohorts(cast: Cast) -> None:
    director = browser_of(cast.director)
    assert found(director, "/director/find", "Tomas") == [("Tomas Berg", "mentor")]
    assert found(director, "/director/find", "Okafor") == [("Mina Okafor", "student")]
    assert found(browser_of(cast.other_director), "/director/find", "Okafor") == []
    assert director.get(f"/director/work?mentee={cast.student.pk}").status_code == 200


@pytest.mark.parametrize("words", ["%", "_", "\\", "\x00", "x" * 500, "<script>"])
def test_takes_every_word_as_a_word(cast: Cast, words: str) -> None:
    browser = browser_of(cast.mentor)
    assert browser.get("/mentor/find", {"q": words}).status_code == 200
    if words.strip("\x00"):
        assert ("Mina Okafor", "mentee") not in found(browser, "/mentor/find", words)


@pytest.mark.parametrize("path", ["/mentor/find", "/director/find"])
def test_is_closed_to_other_roles(cast: Cast, path: str) -> None:
    assert browser_of(cast.student).get(path).status_code == 403
