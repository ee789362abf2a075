from django.contrib import admin

from core.admin_base import ShowOnlyAdmin, ShowOnlyInline
from mentorship_coordination.models.sessions import (
    MentorSession,
    SessionActionItem,
    SessionNote,
    SessionParticipant,
    SessionRating,
)


class ParticipantInline(ShowOnlyInline[SessionParticipant]):
    model = SessionParticipant
    fields = ("person", "role", "is_active", "attended")


@admin.register(MentorSession)
class MentorSessionAdmin(ShowOnlyAdmin[MentorSession]):
    list_display = ("title", "mentor", "mentee", "type", "status", "starts_at", "ends_at", "sequence")
    list_filter = ("status", "type", "meeting_provider", ("link_error", admin.EmptyFieldListFilter), "cohort")
    list_select_related = ("mentor", "mentee")
    search_fields = ("title", "mentor__email", "mentee__email")
    ordering = ("-starts_at",)
    inlines = (ParticipantInline,)


@admin.register(SessionParticipant)
class SessionParticipantAdmin(ShowOnlyAdmin[SessionParticipant]):
    list_display = ("session", "person", "role", "during", "is_active", "attended")
    list_filter = ("role", "is_active")
    list_select_related = ("session", "person")
    search_fields = ("person__email",)
    ordering = ("-id",)


@admin.register(SessionRating)
class SessionRatingAdmin(ShowOnlyAdmin[SessionRating]):
    list_display = ("rated_at", "session", "student", "rating", "comment")
    list_filter = ("rating",)
    list_select_related = ("session", "student")
    search_fields = ("student__email",)
    ordering = ("-rated_at",)


@admin.register(SessionNote)
class SessionNoteAdmin(ShowOnlyAdmin[SessionNote]):
    list_display = ("created_at", "session", "author", "is_private")
    list_filter = ("is_private",)
    list_select_related = ("session", "author")
    search_fields = ("author__email",)


@admin.register(SessionActionItem)
class SessionActionItemAdmin(ShowOnlyAdmin[SessionActionItem]):
    list_display = ("text", "owner", "due_date", "done_at")
    list_select_related = ("owner",)
    search_fields = ("text", "owner__email")
