"""An overloaded mentor …"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import Cast
from core.enums import Audience
from mentorship_coordination.actions.capacity import check_mentor_capacity
from mentorship_coordination.enums import CapacityKind, MailState
from mentorship_coordination.models.capacity import CapacityEpisode
from mentorship_coordination.models.queue import MentorWorkQueue
from mentorship_coordination.tests.forecast_world import a_slow_mentor
from mentorship_coordination.tests.queue_world import heard, open_item
from mentorship_coordination.tests.session_world import HOUR, NOW, TOMORROW, at_once, booked, notifications_of
from tests import factories
from tests.database import as_system, as_worker
from users.models import CohortDirector, User

DAY = timedelta(days=1)


def limit(mentor: User, **limits: int) -> None:
    with as_system():
        User.objects.filter(pk=mentor.pk).update(**limits)


def checked(at: datetime = NOW) -> int:
    with as_worker():
        return check_mentor_capacity(at=at)


def told(person: User) -> list[tuple[str, str]]:
    return [(each.title, each.body) for each in notifications_of(person) if each.kind == "capacity"]


def titles_of(person: User) -> list[str]:
    return [title for title, _ in told(person)]


def episodes() -> list[tuple[str, int, int, bool]]:
    with as_system():
        rows = CapacityEpisode.objects.order_by("began_at", "kind")
        return [(each.kind, each.figure, each.limit, each.ended_at is None) for each in rows]


def test_is_told_of_together_with_her_directors_once_and_by_mail(cast: Cast) -> None:
    limit(cast.mentor, mentor_max_mentees=0)
    assert [checked(), checked(NOW + HOUR)] == [1, 0]
    assert titles_of(cast.mentor) == ["You are over your capacity"]
    assert titles_of(cast.director) == ["Tomas Berg is over capacity"]
    assert titles_of(cast.other_director) == titles_of(cast.admin) == []
    assert {each.mail_state for each in notifications_of(cast.director)} == {MailState.PENDING}
    assert episodes() == [("mentees", 1, 0, True)]


def test_without_directors_is_told_of_to_the_admins(cast: Cast) -> None:
    limit(cast.mentor, mentor_max_mentees=0)
    with as_system():
        CohortDirector.objects.filter(cohort=cast.cohort).delete()
    assert checked() == 1
    assert titles_of(cast.admin) == ["Tomas Berg is over capacity"]
    assert titles_of(cast.director) == []


def test_of_whom_nothing_else_changes_is_told_again_in_the_next_episode(cast: Cast) -> None:
    limit(cast.mentor, mentor_max_mentees=0)
    checked()
    limit(cast.mentor, mentor_max_mentees=5)
    assert checked(NOW + HOUR) == 1
    assert len(titles_of(cast.mentor)) == 1
    limit(cast.mentor, mentor_max_mentees=0)
    assert checked(NOW + 2 * HOUR) == 1
    assert len(titles_of(cast.mentor)) == 2
    assert episodes() == [("mentees", 1, 0, False), ("mentees", 1, 0, True)]


def test_of_sessions_is_one_until_her_week_is_over(cast: Cast) -> None:
    booked(cast.mentor, cast.student, TOMORROW)
    limit(cast.mentor, mentor_capacity_weekly=0)
    assert [checked(), checked(NOW + DAY), checked(NOW + 7 * DAY)] == [1, 0, 1]
    assert episodes() == [("sessions", 1, 0, False)]
    assert told(cast.mentor)[0][1].startswith("1 sessions this week, 0 at most.")


def test_of_work_is_told_what_will_be_late_and_directors_what_could_move(cast: Cast, settings: Any) -> None:
    settings.REVIEW_LOAD_LATE_ITEMS = 0
    a_slow_mentor(cast)
    assert [checked(), checked()] == [1, 0]
    assert episodes() == [(CapacityKind.REVIEWS, 1, 0, True)]
    assert told(cast.mentor)[0][1].startswith("1 open items will be late within seven days.")
    assert told(cast.director)[0][1].endswith("Moving work to Quinn Quick would avoid 1.")
    assert "Moving" not in told(cast.mentor)[0][1]


def test_of_work_is_not_told_before_the_limit_nor_ended_before_all_is_in_time(cast: Cast, settings: Any) -> None:
    settings.REVIEW_LOAD_LATE_ITEMS = 2
    slow = a_slow_mentor(cast)
    assert checked() == 0
    more = [open_item(cast.enrolment, started_at=NOW) for _ in range(2)]
    assert checked() == 1
    for item_id in (*more, slow.items[0]):
        assert episodes()[0][3]
        with as_system():
            finish(item_id)
        checked()
    assert episodes() == [(CapacityKind.REVIEWS, 3, 2, False)]


def finish(item_id: Any) -> None:
    MentorWorkQueue.objects.filter(pk=item_id).update(
        status="cancelled", completed_at=NOW, closed_reason="Settled.", claimed_by=None, lease_until=None
    )


def test_of_mentees_comes_with_how_many_could_go_elsewhere(cast: Cast) -> None:
    a_slow_mentor(cast)
    limit(cast.mentor, mentor_max_mentees=0)
    checked()
    assert told(cast.director)[0][1].endswith("Of her mentees 1 could go to other mentors.")


def test_is_heard_of_on_her_stream_and_her_directors_when_it_begins_and_ends(cast: Cast) -> None:
    limit(cast.mentor, mentor_max_mentees=0)
    checked()
    limit(cast.mentor, mentor_max_mentees=5)
    checked(NOW + HOUR)
    assert [each for each in heard(cast.mentor) if each["event"] == "capacity"] == [{"event": "capacity"}] * 2
    news = [each for each in heard(cast.director, Audience.DIRECTOR) if each["event"] == "capacity"]
    assert news == [{"event": "capacity", "mentor": str(cast.mentor.pk)}] * 2


def test_is_found_by_two_checks_at_once_and_told_of_once(cast: Cast) -> None:
    limit(cast.mentor, mentor_max_mentees=0)
    assert sorted(at_once([checked] * 4), key=str) == [0, 0, 0, 1]
    assert len(titles_of(cast.mentor)) == 1


def test_costs_the_same_queries_whether_one_is_over_or_ten(cast: Cast) -> None:
    def queries(at: datetime) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert checked(at) > 0
        return len(seen)

    a_slow_mentor(cast)
    limit(cast.mentor, mentor_max_mentees=0)
    one = queries(NOW)
    with as_system():
        for _ in range(10):
            crowded = factories.AssignmentFactory(enrolment__cohort=cast.cohort).mentor
            User.objects.filter(pk=crowded.pk).update(mentor_max_mentees=0)
    assert queries(NOW + HOUR) == one
