"""Who changed what …"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.urls import reverse

from conftest import Cast
from core import clock
from core.models import AuditEntry
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.models.queue import SlaPolicy
from tests.database import as_system
from tests.people import browser_of
from users.actions.profile import change_own_profile
from users.models import Cohort, CohortDirector, User


@contextmanager
def as_admin(cast: Cast) -> Iterator[None]:
    with acting_as(Identity(Role.ADMIN, cast.admin.pk)), transaction.atomic():
        yield


def entries(**wanted: Any) -> list[AuditEntry]:
    with as_system():
        return list(AuditEntry.objects.filter(**wanted).order_by("id"))


def test_notes_a_role_that_an_admin_gives(cast: Cast) -> None:
    with as_admin(cast):
        User.objects.filter(pk=cast.stranger.pk).update(is_staff=True)
    [entry] = entries(row_id=str(cast.stranger.pk))
    assert (entry.by, entry.role, entry.verb, entry.table_name) == (cast.admin.pk, "admin", "update", "users_user")
    assert entry.changed == {"is_staff": [False, True]}
    assert abs((entry.at - clock.now()).total_seconds()) < 60


def test_notes_the_capacity_that_a_mentor_changes_herself(cast: Cast) -> None:
    with acting_as(Identity(Role.PERSON, cast.mentor.pk)), transaction.atomic():
        mentor = User.objects.get(pk=cast.mentor.pk)
        changes = {"mentor_capacity_weekly": 3, "name": "Tomas B."}
        change_own_profile(by=mentor, revision=mentor.revision, changes=changes, at=clock.now())
    [entry] = entries(row_id=str(cast.mentor.pk))
    assert (entry.by, entry.role, entry.changed) == (cast.mentor.pk, "person", {"mentor_capacity_weekly": [10, 3]})


def test_notes_nothing_where_nothing_of_weight_changes(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk=cast.mentor.pk).update(name="Other", is_mentor=True)
    assert entries(row_id=str(cast.mentor.pk)) == []


def test_notes_bulk_changes_of_the_system_row_by_row(cast: Cast) -> None:
    with as_system():
        User.objects.filter(pk__in=[cast.mentor.pk, cast.other_mentor.pk]).update(mentor_max_mentees=7)
    found = entries(table_name="users_user", changed__has_key="mentor_max_mentees")
    assert {(entry.row_id, entry.by, entry.role) for entry in found} == {
        (str(cast.mentor.pk), None, "system"),
        (str(cast.other_mentor.pk), None, "system"),
    }


def test_notes_who_becomes_a_director_and_who_is_one_no_more(cast: Cast) -> None:
    with as_admin(cast):
        link = CohortDirector.objects.create(cohort=cast.cohort, user=cast.stranger)
        pk = str(link.pk)
        link.delete()
    made, gone = entries(table_name="users_cohortdirector", row_id=pk)
    assert (made.verb, made.changed["user_id"]) == ("insert", [None, str(cast.stranger.pk)])
    assert (gone.verb, gone.changed["user_id"]) == ("delete", [str(cast.stranger.pk), None])


def test_notes_settings(cast: Cast) -> None:
    with as_admin(cast):
        Cohort.objects.filter(pk=cast.cohort.pk).update(matches_automatically=False)
        SlaPolicy.objects.filter(type="mission_review").update(budget_seconds=1)
    assert entries(row_id=str(cast.cohort.pk), verb="update")[0].changed == {"matches_automatically": [True, False]}
    assert entries(table_name="mentorship_coordination_slapolicy", verb="update")[0].changed["budget_seconds"][1] == 1


def test_is_to_be_read_in_the_admin_and_found_by_its_row(cast: Cast) -> None:
    with as_admin(cast):
        User.objects.filter(pk=cast.stranger.pk).update(is_staff=True)
    admin = browser_of(cast.admin)
    page = admin.get(reverse("admin:core_auditentry_changelist"), {"q": str(cast.stranger.pk)}).content.decode()
    assert "is_staff: False → True" in page
    assert cast.admin.email in page
    person = admin.get(reverse("admin:users_user_change", args=[cast.stranger.pk])).content.decode()
    assert f"{reverse('admin:core_auditentry_changelist')}?q={cast.stranger.pk}" in person
