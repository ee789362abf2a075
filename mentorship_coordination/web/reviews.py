"""One submission with its versions, and the form that judges it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core import clock
from core.api.problems import status_of
from core.enums import Audience
from core.errors import Conflict, DomainError, NotPermitted, NotVisible
from core.tenancy.identity import Role
from core.web import add_refusal, page
from mentorship_coordination.actions.snippets import keep_snippet
from mentorship_coordination.enums import WorkType
from mentorship_coordination.selectors.queue import list_items_of_mentor
from mentorship_coordination.selectors.snippets import list_snippets
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.queue import next_url
from mentorship_coordination.web.review_forms import ReviewForm
from mentorship_coordination.web.rows import lease_of, rows_of
from mentorship_coordination.web.shortcuts import OF_REVIEW, help_of
from mentorship_coordination.web.submissions import Submission, submission_of
from mentorship_coordination.web.words import refusal_words
from missions.actions import review_submission
from missions.enums import Decision, SubmissionState
from missions.models import MissionReview
from missions.selectors import get_submission

SAID = {
    Decision.APPROVED: "Approved",
    Decision.CHANGES_REQUESTED: "Changes requested",
    Decision.REJECTED: "Rejected",
}


@page(Role.MENTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return _show(request, submission_id)
    form = ReviewForm(request.POST, mission=get_submission(submission_id).mission)
    if not form.is_valid():
        return _show(request, submission_id, form, status=400)
    try:
        review = _review(request, submission_id, form)
    except (NotVisible, NotPermitted):
        raise
    except Conflict as refusal:
        return _show(request, submission_id, _with_newest(form, refusal), status=409)
    except DomainError as refusal:
        add_refusal(form, refusal)
        return _show(request, submission_id, form, status=status_of(refusal))
    submission = get_submission(submission_id)
    words = f"{SAID[Decision(review.decision)]}: {submission.mission.title} by {submission.student.name}."
    messages.success(request, words)
    _keep_phrase(request, form)
    return redirect(next_url(person_of(request).pk, clock.now()))


def _keep_phrase(request: HttpRequest, form: ReviewForm) -> None:
    """The review is sent in any case; a phrase that cannot be kept is said beside it."""
    title = form.cleaned_data["keep_as"]
    if not title:
        return
    try:
        keep_snippet(title=title, text=form.cleaned_data["feedback"], by=person_of(request), at=clock.now())
    except DomainError as refusal:
        messages.error(request, f"The phrase is not kept: {refusal_words(refusal)}")
    else:
        messages.success(request, f"Kept as a phrase: {title}.")


def _review(request: HttpRequest, submission_id: UUID, form: ReviewForm) -> MissionReview:
    given = form.cleaned_data
    return review_submission(
        submission_id=submission_id,
        by=person_of(request),
        decision=given["decision"],
        score=given["score"],
        feedback=given["feedback"],
        competencies=given.get("competencies", []),
        rubric_scores=form.rubric_scores(),
        version=given["version"],
        at=clock.now(),
    )


def _with_newest(form: ReviewForm, refusal: Conflict) -> ReviewForm:
    """The same words in the form, now for the version that is there: sending again judges that one."""
    newest, read = refusal.extra.get("current_version"), form.cleaned_data["version"]
    given = cast("QueryDict", form.data).copy()
    message = "This was decided already. Nothing was sent."
    if refusal.code == "newer_version":
        given["version"] = str(newest)
        message = (
            f"Version {newest} came in while you read version {read}. Nothing was sent and your words are kept: "
            f"look at version {newest}, then send again."
        )
    renewed = ReviewForm(given, mission=form.mission)
    renewed.add_error(None, message)
    return renewed


def _show(
    request: HttpRequest, submission_id: UUID, form: ReviewForm | None = None, *, status: int = 200
) -> HttpResponse:
    stream = stream_of(Audience.MENTOR)
    row = get_submission(submission_id)
    submission = submission_of(row, file_url="mentor-submission-file")
    if form is None:
        form = ReviewForm(initial={"version": row.version}, mission=row.mission)
    mentor, at = person_of(request), clock.now()
    item = list_items_of_mentor(mentor.pk).open().about(WorkType.MISSION_REVIEW, submission_id).first()
    context = {
        **stream,
        "submission": submission,
        "help": help_of(OF_REVIEW),
        "item": rows_of([item], at)[0] if item else None,
        "lease": lease_of(item, mentor.pk, at) if item else None,
        "form": form,
        "is_open": row.state == SubmissionState.SUBMITTED,
        "snippets": list(list_snippets(mentor.pk)),
        "read_version": _read_version(request, submission),
    }
    return render(request, "mentorship_coordination/review.html", context, status=status)


def _read_version(request: HttpRequest, submission: Submission) -> int:
    """Which version the open page showed when it was loaded: the live part asks with `?read=`."""
    read = request.GET.get("read", "")
    return int(read) if read.isascii() and read.isdigit() and len(read) < 6 else submission.version
