from django.urls import path

from missions.api.files import DirectorFileView, MentorFileView, StudentFileView
from missions.api.missions import MissionListView, MissionView
from missions.api.reviews import DirectorReviewView
from missions.api.submissions import (
    DirectorSubmissionView,
    MentorSubmissionView,
    SubmissionListView,
    SubmissionView,
    SubmitView,
)

urlpatterns = [
    path("missions", MissionListView.as_view(), name="missions"),
    path("missions/<uuid:mission_id>", MissionView.as_view(), name="mission"),
    path("missions/<uuid:mission_id>/submissions", SubmitView.as_view(), name="submit-mission"),
    path("missions/submissions", SubmissionListView.as_view(), name="submissions"),
    path("missions/submissions/<uuid:submission_id>", SubmissionView.as_view(), name="submission"),
    path("missions/files/<uuid:file_id>", StudentFileView.as_view(), name="submission-file"),
    path("mentor/missions/<uuid:submission_id>", MentorSubmissionView.as_view(), name="mentor-submission"),
    path("mentor/files/<uuid:file_id>", MentorFileView.as_view(), name="mentor-submission-file"),
    path("director/missions/<uuid:submission_id>", DirectorSubmissionView.as_view(), name="director-submission"),
    path(
        "director/missions/<uuid:submission_id>/review",
        DirectorReviewView.as_view(),
        name="director-review-submission",
    ),
    path("director/files/<uuid:file_id>", DirectorFileView.as_view(), name="director-submission-file"),
]
