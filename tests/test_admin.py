"""Every table has its page, lists in a constant number of queries, and writes through actions."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import Cast
from mentorship_coordination.enums import AssignmentState
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.tasks.handover import carry_out_handovers
from tests import factories
from tests.database import as_system, login
from tests.people import browser_of
from users.models import Track, User

OURS = {"core", "users", "missions", "student_dashboard", "mentorship_coordination"}
#: Secrets: no role may read them, so there is nothing to show.
WITHOUT_PAGE = {"users.Credential", "users.LoginSession"}
PAGES = sorted(
    (model for model in admin.site._registry if model._meta.app_label in OURS), key=lambda model: model._meta.label
)


def changelist(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def as_admin(cast: Cast) -> Client:
    return browser_of(cast.admin)


def test_every_table_has_a_page() -> None:
    ours = {model._meta.label for model in apps.get_models() if model._meta.app_label in OURS}
    assert ours - {model._meta.label for model in PAGES} == WITHOUT_PAGE


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_lists_search_and_show(model: Any, as_admin: Client) -> None:
    page = as_admin.get(changelist(model))
    assert page.status_code == 200
    assert as_admin.get(changelist(model), {"q": "tomas"}).status_code == 200
    if admin.site._registry[model].has_add_permission(page.wsgi_request):
        assert as_admin.get(changelist(model) + "add/").status_code == 200


def test_a_list_takes_as_many_queries_for_twenty_rows_as_for_one(cast: Cast, as_admin: Client) -> None:
    as_admin.get(changelist(MenteeMentorAssignment))
    with CaptureQueriesContext(connection) as few:
        as_admin.get(changelist(MenteeMentorAssignment))
    with as_system():
        for _ in range(18):
            factories.AssignmentFactory(enrolment=factories.EnrolmentFactory(cohort=cast.cohort))
    with CaptureQueriesContext(connection) as many:
        page = as_admin.get(changelist(MenteeMentorAssignment))
    assert b"20 mentee mentor assignments" in page.content
    assert len(many) == len(few)


def test_is_closed_to_everybody_else(cast: Cast) -> None:
    for person in (cast.student, cast.mentor, cast.director):
        assert browser_of(person).get(changelist(User), follow=True).status_code == 403


def test_sends_the_signed_out_to_sign_in(cast: Cast) -> None:
    answer = Client().get(changelist(User), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("sign-in"))


def test_a_deactivated_mentor_leaves_nothing_behind(cast: Cast, as_admin: Client) -> None:
    as_admin.post(changelist(User), {"action": "deactivate", "_selected_action": [str(cast.mentor.pk)]})
    with as_system():
        cast.mentor.refresh_from_db()
        # Signed out at once; the account closes when what she holds has been handed over.
        assert (cast.mentor.is_active, cast.mentor.auth_version) == (True, 2)
        assert cast.mentor.leaving_at is not None
    with login(settings.DATABASE_WORKER_URL):
        carry_out_handovers()
    with as_system():
        cast.mentor.refresh_from_db()
        cast.assignment.refresh_from_db()
        assert (cast.mentor.is_active, cast.mentor.auth_version) == (False, 3)
        assert (cast.assignment.state, cast.assignment.ended_by_id) == (AssignmentState.CANCELLED, cast.admin.pk)


def test_the_last_admin_stays(cast: Cast, as_admin: Client) -> None:
    page = as_admin.post(
        changelist(User), {"action": "deactivate", "_selected_action": [str(cast.admin.pk)]}, follow=True
    )
    assert "Somebody must remain who can administer." in page.content.decode()
    with as_system():
        cast.admin.refresh_from_db()
        assert cast.admin.is_active


def test_pairs_are_paused_through_their_action(cast: Cast, as_admin: Client) -> None:
    chosen = {"action": "pause", "_selected_action": [str(cast.assignment.pk)]}
    as_admin.post(changelist(MenteeMentorAssignment), chosen)
    with as_system():
        cast.assignment.refresh_from_db()
        assert cast.assignment.state == AssignmentState.PAUSED


def test_pairs_change_hands_after_a_look(cast: Cast, as_admin: Client) -> None:
    chosen = {"action": "transfer", "_selected_action": [str(cast.assignment.pk)]}
    page = as_admin.post(changelist(MenteeMentorAssignment), chosen).content.decode()
    assert "Mina Okafor, now with Tomas Berg" in page
    unfinished = as_admin.post(changelist(MenteeMentorAssignment), {**chosen, "apply": "1", "reason": ""})
    assert "This field is required." in unfinished.content.decode()
    given = {**chosen, "apply": "1", "mentor": str(cast.other_mentor.pk), "reason": "Better hours."}
    as_admin.post(changelist(MenteeMentorAssignment), given)
    with as_system():
        pair = MenteeMentorAssignment.objects.live().get(enrolment=cast.enrolment)
        cast.assignment.refresh_from_db()
    assert (pair.mentor_id, cast.assignment.end_reason) == (cast.other_mentor.pk, "Better hours.")


def test_a_new_track_is_saved(cast: Cast, as_admin: Client) -> None:
    values = {"name": "Threat Analysis", "slug": "threat-analysis", "description": "", "skills": '["osint"]'}
    assert as_admin.post(changelist(Track) + "add/", values).status_code == 302
    with as_system():
        assert Track.objects.get(slug="threat-analysis").skills == ["osint"]
