"""`manage.py match` drafts or publishes a run and says in words who is left and why."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from mentorship_coordination.enums import MatchRunState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.models.matching import MatchRun
from tests import factories
from tests.database import as_system, as_worker
from users.models import Enrolment

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def waiting(db: None) -> Enrolment:
    with as_system():
        factories.MentorFactory(languages=["en"])
        enrolment: Enrolment = factories.EnrolmentFactory(cohort__name="Spring", student__languages=["en"])
        factories.EnrolmentFactory(cohort__name="Autumn", student__languages=["cy"], student__name="Nia Pugh")
    return enrolment


def match(*arguments: str) -> str:
    output = StringIO()
    with as_worker():
        call_command("match", *arguments, stdout=output)
    return output.getvalue()


def test_drafts_without_pairing_anybody(waiting: Enrolment) -> None:
    output = match()

    assert output.startswith("2 waiting, 1 matched, 1 unmatched; total score ")
    assert "Proved: no other assignment of these students is better.\n" in output
    assert "  Nia Pugh: 1 mentors: 1 no language in common. A language in common would do: 1 mentor has" in output
    with as_system():
        assert f"Draft {MatchRun.objects.get().pk}: nobody was paired yet." in output
        assert not MenteeMentorAssignment.objects.exists()


def test_starts_the_pairs_with_publish(waiting: Enrolment) -> None:
    assert "1 pairs started, 0 lost meanwhile." in match("--publish")
    with as_system():
        assert MenteeMentorAssignment.objects.get().enrolment_id == waiting.pk
        assert MatchRun.objects.get().state == MatchRunState.PUBLISHED


@pytest.mark.parametrize("by", ["name", "id"])
def test_keeps_to_one_cohort(waiting: Enrolment, by: str) -> None:
    wanted = "Spring" if by == "name" else str(waiting.cohort_id)

    assert match("--cohort", wanted).startswith("1 waiting, 1 matched, 0 unmatched")


def test_answers_a_program_in_json(waiting: Enrolment) -> None:
    answer = json.loads(match("--json"))

    assert answer["summary"]["matched"] == 1
    assert answer["state"] == "draft"
    assert answer["certificate"]["is_proved"] is True
    assert answer["unmatched"][0]["change"]["kind"] == "language"
    assert [(each["name"], each["blocked"]) for each in answer["unmatched"]] == [
        ("Nia Pugh", {"no_language_in_common": 1})
    ]


def test_refuses_a_second_draft_and_an_unknown_cohort(waiting: Enrolment) -> None:
    match()

    with pytest.raises(CommandError, match="run for this scope already"):
        match()
    with pytest.raises(CommandError, match="no cohort Winter"):
        match("--cohort", "Winter")


def test_takes_a_policy_and_refuses_what_is_none(waiting: Enrolment) -> None:
    for wrong, said in (("luck=3", "no such policy"), ("evenness", "whole points"), ("floor=9999", "from 0 to 2000")):
        with pytest.raises(CommandError, match=said):
            match("--policy", wrong)
    answer = json.loads(match("--policy", "evenness=100", "--policy", "floor=300", "--json"))
    assert (answer["options"]["policy"]["evenness"], answer["options"]["policy"]["floor"]) == (100, 300)


def test_matches_anew(waiting: Enrolment) -> None:
    answer = json.loads(match("--rematch", "--json"))
    assert (answer["kind"], answer["summary"]["waiting"]) == ("rematch", 0)
