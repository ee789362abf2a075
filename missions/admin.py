from django.contrib import admin

from core.admin_base import RecordAdmin, ShowOnlyAdmin, ShowOnlyInline
from missions.models import CohortScore, Mission, MissionReview, MissionSubmission, SubmissionFile, SubmissionVersion


@admin.register(Mission)
class MissionAdmin(RecordAdmin[Mission]):
    list_display = ("title", "track", "number", "level", "weight", "expected_after_days", "is_published")
    list_filter = ("track", "is_published")
    list_select_related = ("track",)
    search_fields = ("title", "brief")


class VersionInline(ShowOnlyInline[SubmissionVersion]):
    model = SubmissionVersion
    fields = ("number", "cycle", "created_at")


class ReviewInline(ShowOnlyInline[MissionReview]):
    model = MissionReview
    fields = ("created_at", "decision", "score", "reviewer")


@admin.register(MissionSubmission)
class MissionSubmissionAdmin(ShowOnlyAdmin[MissionSubmission]):
    list_display = ("mission", "student", "mentor", "state", "version", "score", "submitted_at")
    list_filter = ("state", "cohort")
    list_select_related = ("mission", "student", "mentor")
    search_fields = ("student__name", "student__email", "mission__title")
    inlines = (VersionInline, ReviewInline)


class FileInline(ShowOnlyInline[SubmissionFile]):
    model = SubmissionFile
    fields = ("name", "content_type", "size", "sha256")


@admin.register(SubmissionVersion)
class SubmissionVersionAdmin(ShowOnlyAdmin[SubmissionVersion]):
    list_display = ("submission_id", "number", "cycle", "created_at")
    search_fields = ("submission__student__email",)
    inlines = (FileInline,)
    ordering = ("-created_at",)


@admin.register(SubmissionFile)
class SubmissionFileAdmin(ShowOnlyAdmin[SubmissionFile]):
    list_display = ("name", "content_type", "size", "created_at")
    list_filter = ("content_type",)
    search_fields = ("name", "sha256")
    exclude = ("content",)
    ordering = ("-created_at",)


@admin.register(MissionReview)
class MissionReviewAdmin(ShowOnlyAdmin[MissionReview]):
    list_display = ("created_at", "submission_id", "reviewer", "decision", "score")
    list_filter = ("decision",)
    list_select_related = ("reviewer",)
    search_fields = ("reviewer__email", "submission__student__email")


@admin.register(CohortScore)
class CohortScoreAdmin(ShowOnlyAdmin[CohortScore]):
    list_display = ("cohort", "local_date", "mean_score", "score_count")
    list_filter = ("cohort",)
    list_select_related = ("cohort",)
    ordering = ("-local_date", "cohort")
