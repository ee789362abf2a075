"""The main loop through the typed client that openapi-python-client makes of openapi.yaml.

openapi-python-client generate --path openapi.yaml --meta none --output-path mentorship_client \
    --config docs/examples/python/generator.yaml
PYTHONPATH=. python docs/examples/python/main_loop.py http://localhost:8000 PASSWORD
"""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass
from typing import TypeVar

from mentorship_client import AuthenticatedClient, Client
from mentorship_client.api.access_tokens import auth_tokens_create
from mentorship_client.api.mentor import mentor_mentees_list
from mentorship_client.api.mentor_dashboard import mentor_dashboard_read
from mentorship_client.api.mentor_flags import mentor_flags_raise
from mentorship_client.api.mentor_sessions import mentor_sessions_book, mentor_slots
from mentorship_client.api.mentor_work_queue import mentor_missions_review, mentor_workqueue_list
from mentorship_client.api.missions import missions_list, missions_submit
from mentorship_client.api.signing_in import auth_login
from mentorship_client.api.student import student_dashboard_read
from mentorship_client.models import (
    AccessTokenInputRequest,
    ExplainedDashboard,
    FlagCategory,
    FlagInputRequest,
    FlagSeverity,
    LoginInputRequest,
    Mentee,
    MentorDashboard,
    Problem,
    RaisedFlag,
    ReviewAnswer,
    ReviewDecision,
    ReviewInputRequest,
    Session,
    SessionInputRequest,
    SubmissionDetail,
    SubmissionInputRequest,
    WorkItem,
    WorkType,
)

MENTOR, STUDENT = "mentor@demo.example", "student@demo.example"
Answer = TypeVar("Answer")


class RefusedError(Exception):
    """The server said no; `problem.code` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def told(answer: Answer | Problem | None) -> Answer:
    """The answer itself. Raises RefusedError for a problem document, ValueError for an undocumented status."""
    if isinstance(answer, Problem):
        raise RefusedError(answer)
    if answer is None:
        raise ValueError("an answer that the schema does not know")
    return answer


def sign_in(site: str, email: str, password: str) -> AuthenticatedClient:
    """Signs in as a browser does and makes a token, as a script uses it."""
    visitor = Client(base_url=site)
    told(auth_login.sync(client=visitor, body=LoginInputRequest(email=email, password=password)))
    cookies = dict(visitor.get_httpx_client().cookies)
    session = AuthenticatedClient(
        base_url=site,
        cookies=cookies,
        headers={"Origin": site},
        token=cookies["csrftoken"],
        auth_header_name="X-CSRFToken",
        prefix="",
    )
    made = told(auth_tokens_create.sync(client=session, body=AccessTokenInputRequest(name="main loop")))
    if made.token is None:
        raise ValueError("the secret is in the first answer only")
    return AuthenticatedClient(base_url=site, token=made.token)


@dataclass(frozen=True)
class MainLoop:
    """What each step answered."""

    before: MentorDashboard
    submission: SubmissionDetail
    again: SubmissionDetail
    item: WorkItem
    review: ReviewAnswer
    mentee: Mentee
    session: Session
    flag: RaisedFlag
    page: ExplainedDashboard


def main_loop(student: AuthenticatedClient, mentor: AuthenticatedClient) -> MainLoop:
    """A mission is handed in and reviewed, a session booked, a flag raised. Raises RefusedError."""
    before = told(mentor_dashboard_read.sync(client=mentor))

    missions = told(missions_list.sync(client=student))
    mission = next(each for each in missions.results if each.submission is None)
    key = str(uuid.uuid4())
    work = SubmissionInputRequest(text="The host was entered at 03:12.", links=["https://example.org/timeline"])
    submission = told(missions_submit.sync(mission.id, client=student, body=work, idempotency_key=key))
    again = told(missions_submit.sync(mission.id, client=student, body=work, idempotency_key=key))

    queue = told(mentor_workqueue_list.sync(client=mentor, type_=WorkType.MISSION_REVIEW))
    item = next(each for each in queue.results if each.reference_id == submission.id)
    verdict = ReviewInputRequest(
        score=87,
        decision=ReviewDecision.APPROVED,
        feedback="Clear timeline. Name the account next time.",
        submission_version=submission.version,
    )
    review = told(mentor_missions_review.sync(submission.id, client=mentor, body=verdict))

    mentees = told(mentor_mentees_list.sync(client=mentor))
    mentee = next(each for each in mentees.results if each.mentee_id == item.mentee)
    times = told(mentor_slots.sync(client=mentor, mentee=mentee.mentee_id))
    talk = SessionInputRequest(
        title="Sources and method", start_time=times.slots[0].start_time, mentee_id=mentee.mentee_id
    )
    session = told(mentor_sessions_book.sync(client=mentor, body=talk))
    worry = FlagInputRequest(
        mentee_id=mentee.mentee_id,
        reason="Two weeks of silence.",
        severity=FlagSeverity.HIGH,
        category=FlagCategory.TECHNICAL,
    )
    flag = told(mentor_flags_raise.sync(client=mentor, body=worry))

    page = told(student_dashboard_read.sync(client=student))
    return MainLoop(before, submission, again, item, review, mentee, session, flag, page)


if __name__ == "__main__":
    site, password = sys.argv[1:]
    done = main_loop(sign_in(site, STUDENT, password), sign_in(site, MENTOR, password))
    print(f"{done.item.title}: {done.item.priority}, due {done.item.due_at:%d %B, %H:%M}")
    print(f"Reviewed with {done.review.review.score}; they meet on {done.session.start_time:%d %B, %H:%M} UTC")
