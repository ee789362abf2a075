"""Raising a flag …"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, transaction

from conftest import Cast
from core.enums import Audience, Rank
from core.errors import InvalidInput, NotVisible
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions import flags
from mentorship_coordination.actions.flags import (
    FlagHeldElsewhere,
    IllegalFlagMove,
    ReopenTooLate,
    acknowledge_flag,
    raise_flag,
    raise_flag_as_director,
    reopen_flag,
    resolve_flag,
)
from mentorship_coordination.enums import FlagCategory, FlagState, MailState, Severity
from mentorship_coordination.models.flags import MentorFlag
from mentorship_coordination.tests.queue_world import heard, open_item, seen
from mentorship_coordination.tests.session_world import NOW, at_once, notifications_of, refreshes_of
from tests import factories
from tests.database import as_system
from users.models import CohortDirector, User

DAY = timedelta(days=1)


def raised(cast: Cast, severity: Severity = Severity.MEDIUM, **given: Any) -> MentorFlag:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        return raise_flag(
            **{"mentee_id": cast.student.pk, "reason": "Silent for a week.", "by": cast.mentor, "at": NOW, **given},
            severity=severity,
        )


def moved(cast: Cast, act: Any, flag: MentorFlag, **given: Any) -> MentorFlag:
    with acting_as(Identity(Role.MENTOR, cast.mentor.pk)):
        moved: MentorFlag = act(**{"flag_id": flag.pk, "by": cast.mentor, "at": NOW, **given})
    return moved


def all_flags() -> list[MentorFlag]:
    with as_system():
        return list(MentorFlag.objects.prefetch_related("entries"))


def history(flag: MentorFlag) -> list[tuple[str, str, int]]:
    return [(entry.kind, entry.text, entry.severity) for entry in flag.entries.all()]


def test_keeps_who_worries_about_whom_and_why(cast: Cast) -> None:
    raised(cast, category=FlagCategory.ENGAGEMENT)
    (flag,) = all_flags()
    assert (flag.mentee_id, flag.mentor_id, flag.author_id) == (cast.student.pk, cast.mentor.pk, cast.mentor.pk)
    assert (flag.enrolment_id, flag.cohort_id) == (cast.enrolment.pk, cast.cohort.pk)
    assert (flag.state, flag.severity, flag.category) == ("open", Severity.MEDIUM, "engagement")
    assert history(flag) == [("raised", "Silent for a week.", Severity.MEDIUM)]


def test_refreshes_at_once_and_tells_mentor_and_director(cast: Cast) -> None:
    flag = raised(cast)
    news = {
        "event": "risk_alert",
        "kind": "raised",
        "id": str(flag.pk),
        "mentee": str(cast.student.pk),
        "severity": "medium",
        "state": "open",
    }
    assert heard(cast.mentor) == [news]
    assert heard(cast.director, Audience.DIRECTOR) == [news]
    assert refreshes_of(cast.student) == [(Rank.URGENT, ["flag_raised"])]


def test_says_nothing_of_it_to_the_student(cast: Cast) -> None:
    raised(cast, Severity.CRITICAL)
    assert heard(cast.student, Audience.STUDENT) == []
    assert notifications_of(cast.student) == []


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.MEDIUM])
def test_of_little_weight_sends_no_mail(cast: Cast, severity: Severity) -> None:
    raised(cast, severity)
    assert notifications_of(cast.director) == []


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
def test_of_weight_goes_to_every_director_by_mail(cast: Cast, severity: Severity) -> None:
    with as_system():
        second = factories.CohortDirectorFactory(cohort=cast.cohort).user
    flag = raised(cast, severity)
    for director in (cast.director, second):
        (told,) = notifications_of(director)
        assert (told.title, told.mail_state) == (f"{severity.label.capitalize()} flag: Mina Okafor", MailState.PENDING)
        assert (told.flag_id, told.url) == (flag.pk, f"/director/flags/{flag.pk}")
        assert "Silent" not in told.title + told.body
    assert notifications_of(cast.other_director) == []
    assert flag.director_notified_at is None


def without_director(cast: Cast, how: str) -> None:
    with as_system():
        if how == "none":
            CohortDirector.objects.filter(cohort=cast.cohort).delete()
        else:
            cast.director.is_active = False
            cast.director.save(update_fields=["is_active"])


@pytest.mark.parametrize("how", ["none", "inactive"])
def test_without_an_active_director_goes_to_the_admins_by_mail(cast: Cast, how: str) -> None:
    with as_system():
        gone = factories.UserFactory(is_staff=True, is_active=False)
    without_director(cast, how)
    flag = raised(cast, Severity.CRITICAL)
    (told,) = notifications_of(cast.admin)
    assert (told.title, told.mail_state, told.flag_id) == ("Critical flag: Mina Okafor", MailState.PENDING, flag.pk)
    assert told.url == f"/admin/mentorship_coordination/mentorflag/{flag.pk}/change/"
    assert "Silent" not in told.title + told.body
    assert notifications_of(gone) == []
    assert heard(cast.admin, Audience.DIRECTOR) == []


def test_with_an_active_director_does_not_reach_the_admins(cast: Cast) -> None:
    raised(cast, Severity.CRITICAL)
    assert notifications_of(cast.admin) == []


def test_by_one_director_reaches_the_other(cast: Cast) -> None:
    with as_system():
        second = factories.CohortDirectorFactory(cohort=cast.cohort).user
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        flag = raise_flag_as_director(
            mentee_id=cast.student.pk, reason="A complaint.", severity=Severity.HIGH, by=cast.director, at=NOW
        )
    assert [told.flag_id for told in notifications_of(second)] == [flag.pk]
    assert heard(second, Audience.DIRECTOR)[0]["kind"] == "raised"


def test_of_a_category_that_is_open_adds_to_the_open_flag(cast: Cast) -> None:
    first = raised(cast, Severity.HIGH)
    second = raised(cast, Severity.LOW, reason="Still silent.")
    assert second.pk == first.pk
    (flag,) = all_flags()
    assert (flag.severity, flag.reason) == (Severity.HIGH, "Silent for a week.")
    assert history(flag) == [
        ("raised", "Silent for a week.", Severity.HIGH),
        ("commented", "Still silent.", Severity.HIGH),
    ]
    assert len(notifications_of(cast.director)) == 1
    assert refreshes_of(cast.student) == [(Rank.URGENT, ["flag_raised"])]


def test_again_and_worse_tells_the_directors_again(cast: Cast) -> None:
    raised(cast, Severity.HIGH)
    raised(cast, Severity.CRITICAL, reason="Found out more.", at=NOW + DAY)
    raised(cast, Severity.CRITICAL, reason="And more.", at=NOW + DAY)
    (flag,) = all_flags()
    assert [kind for kind, _, _ in history(flag)] == ["raised", "worsened", "commented"]
    assert [told.title.split()[0] for told in notifications_of(cast.director)] == ["High", "Critical"]
    assert refreshes_of(cast.student) == [(Rank.URGENT, ["flag_raised", "flag_worsened"])]


def test_of_another_category_is_another_flag(cast: Cast) -> None:
    raised(cast)
    raised(cast, category=FlagCategory.WELLBEING)
    assert len(all_flags()) == 2


def test_at_the_same_moment_makes_one_flag(cast: Cast) -> None:
    results = at_once([partial(raised, cast, Severity.HIGH)] * 10)
    assert {type(result) for result in results} == {MentorFlag}
    (flag,) = all_flags()
    assert len(history(flag)) == 10
    assert len(notifications_of(cast.director)) == 1


def test_lifts_the_mentees_work_while_it_is_critical(cast: Cast) -> None:
    item = open_item(cast.enrolment)
    flag = raised(cast, Severity.CRITICAL)
    assert (seen(item).rank, seen(item).rank_reasons) == (Rank.URGENT, ["critical_flag"])
    other = raised(cast, Severity.CRITICAL, category=FlagCategory.WELLBEING)
    moved(cast, resolve_flag, flag, outcome="Back on track")
    assert seen(item).rank == Rank.URGENT
    moved(cast, resolve_flag, other, outcome="Back on track")
    assert (seen(item).rank, seen(item).rank_reasons) == (Rank.NORMAL, [])
    moved(cast, reopen_flag, other)
    assert seen(item).rank == Rank.URGENT


def test_needs_a_mentee_of_hers(cast: Cast) -> None:
    with pytest.raises(NotVisible):
        raised(cast, mentee_id=cast.stranger.pk)
    assert all_flags() == []


def test_needs_a_reason(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refusal:
        raised(cast, reason="  ")
    assert list(refusal.value.fields) == ["reason"]


def test_by_a_director_belongs_to_the_mentor(cast: Cast) -> None:
    with acting_as(Identity(Role.DIRECTOR, cast.director.pk)):
        raise_flag_as_director(
            mentee_id=cast.student.pk, reason="A complaint.", category=FlagCategory.CONDUCT, by=cast.director, at=NOW
        )
        with pytest.raises(NotVisible):
            raise_flag_as_director(mentee_id=cast.stranger.pk, reason="None of hers.", by=cast.director, at=NOW)
    (flag,) = all_flags()
    assert (flag.author_id, flag.mentor_id) == (cast.director.pk, cast.mentor.pk)
    assert heard(cast.mentor)[0]["kind"] == "raised"


def test_by_a_second_mentor_does_not_reach_into_the_firsts_flag(cast: Cast) -> None:
    raised(cast)
    with as_system():
        second = factories.AssignmentFactory(enrolment=cast.enrolment, is_primary=False).mentor
    with acting_as(Identity(Role.MENTOR, second.pk)), pytest.raises(FlagHeldElsewhere):
        raise_flag(mentee_id=cast.student.pk, reason="Me too.", by=second, at=NOW)
    assert len(all_flags()) == 1


def test_is_shared_by_the_mentor_and_whoever_stands_in(cast: Cast) -> None:
    first = raised(cast)
    with as_system():
        stand_in = factories.AssignmentFactory(
            enrolment=cast.enrolment, is_primary=False, stands_in_until=NOW + 9 * DAY, started_at=NOW - DAY
        ).mentor
    with acting_as(Identity(Role.MENTOR, stand_in.pk)):
        words = {"mentee_id": cast.student.pk, "by": stand_in, "at": NOW}
        worse = raise_flag(reason="Worse.", severity=Severity.CRITICAL, **words)
        other = raise_flag(reason="Rude.", category=FlagCategory.CONDUCT, **words)
    assert worse.pk == first.pk
    stored = next(each for each in all_flags() if each.pk == first.pk)
    assert [kind for kind, _, _ in history(stored)] == ["raised", "worsened"]
    assert [each.title for each in notifications_of(cast.director)] == ["Critical flag: Mina Okafor"]
    assert moved(cast, acknowledge_flag, other).state == FlagState.ACKNOWLEDGED
    with acting_as(Identity(Role.MENTOR, stand_in.pk)):
        assert resolve_flag(flag_id=first.pk, outcome="We spoke", by=stand_in, at=NOW).state == FlagState.RESOLVED


def test_of_before_stays_hidden_from_whoever_stands_in(cast: Cast) -> None:
    old = moved(cast, resolve_flag, raised(cast), outcome="Back on track")
    with as_system():
        stand_in = factories.AssignmentFactory(
            enrolment=cast.enrolment, is_primary=False, stands_in_until=NOW + 9 * DAY, started_at=NOW + DAY
        ).mentor
    with acting_as(Identity(Role.MENTOR, stand_in.pk)):
        newer = raise_flag(mentee_id=cast.student.pk, reason="Silent.", by=stand_in, at=NOW + DAY)
        with pytest.raises(NotVisible):
            reopen_flag(flag_id=old.pk, by=stand_in, at=NOW + DAY)
    assert newer.pk != old.pk


def test_writes_nothing_when_telling_fails(cast: Cast) -> None:
    with patch.object(flags, "notify", side_effect=RuntimeError("no mail")), pytest.raises(RuntimeError):
        raised(cast, Severity.HIGH)
    assert all_flags() == []
    assert heard(cast.mentor) == []
    assert refreshes_of(cast.student) == []


def test_leads_from_open_to_acknowledged_to_resolved_and_back(cast: Cast) -> None:
    flag = raised(cast)
    assert moved(cast, acknowledge_flag, flag).state == FlagState.ACKNOWLEDGED
    with pytest.raises(IllegalFlagMove):
        moved(cast, acknowledge_flag, flag)
    resolved = moved(cast, resolve_flag, flag, outcome="Back on track", note="We spoke.")
    assert (resolved.state, resolved.resolved_at, resolved.outcome) == ("resolved", NOW, "Back on track")
    with pytest.raises(IllegalFlagMove):
        moved(cast, resolve_flag, flag, outcome="Again")
    reopened = moved(cast, reopen_flag, flag, at=NOW + 30 * DAY, reason="Silent again.")
    assert (reopened.state, reopened.resolved_at, reopened.outcome) == ("open", None, "")
    (stored,) = all_flags()
    assert [kind for kind, _, _ in history(stored)] == ["raised", "acknowledged", "resolved", "reopened"]


def test_cannot_be_taken_up_again_after_30_days(cast: Cast) -> None:
    flag = raised(cast)
    moved(cast, resolve_flag, flag, outcome="Back on track")
    with pytest.raises(ReopenTooLate):
        moved(cast, reopen_flag, flag, at=NOW + 30 * DAY + timedelta(seconds=1))


def test_is_not_taken_up_again_beside_a_newer_one(cast: Cast) -> None:
    flag = raised(cast)
    moved(cast, resolve_flag, flag, outcome="Back on track")
    raised(cast)
    with pytest.raises(FlagHeldElsewhere):
        moved(cast, reopen_flag, flag)


def raw(person: User, role: Role, statement: str) -> list[Any] | str:
    """The rows, or PostgreSQL's refusal, of a statement under that identity."""
    with acting_as(Identity(role, person.pk)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else [cursor.rowcount]
        except DatabaseError as error:
            return str(getattr(error.__cause__, "pgcode", ""))


@pytest.mark.parametrize("table", ["mentorflag", "mentorflagentry"])
@pytest.mark.parametrize("role", [Role.STUDENT, Role.PERSON])
def test_is_never_seen_by_the_student_in_sql(cast: Cast, table: str, role: Role) -> None:
    raised(cast, Severity.CRITICAL)
    name = f"mentorship_coordination_{table}"
    assert raw(cast.student, role, f"SELECT * FROM {name}") == "42501"
    assert raw(cast.student, role, f"UPDATE {name} SET severity = 1") == "42501"
    assert raw(cast.student, role, f"DELETE FROM {name}") == "42501"
    assert raw(cast.other_mentor, Role.MENTOR, f"SELECT * FROM {name}") == []
    assert len(raw(cast.mentor, Role.MENTOR, f"SELECT * FROM {name}")) == 1
