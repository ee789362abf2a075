from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core import clock
from core.admin_base import RecordAdmin, ShowOnlyAdmin, ShowOnlyInline, tell_outcome
from mentorship_coordination.actions.notifications import send_again
from mentorship_coordination.models.decisions import DecisionSnooze
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.models.notifications import FeedbackSnippet, Notification


class EntryInline(ShowOnlyInline[MentorFlagEntry]):
    model = MentorFlagEntry
    fields = ("created_at", "kind", "by", "severity", "text")


@admin.register(MentorFlag)
class MentorFlagAdmin(ShowOnlyAdmin[MentorFlag]):
    list_display = ("mentee", "category", "severity", "state", "mentor", "author", "director_notified_at", "created_at")
    list_filter = ("state", "severity", "category", "cohort")
    list_select_related = ("mentee", "mentor", "author")
    search_fields = ("mentee__name", "mentee__email", "mentor__email")
    inlines = (EntryInline,)


@admin.register(MentorFlagEntry)
class MentorFlagEntryAdmin(ShowOnlyAdmin[MentorFlagEntry]):
    list_display = ("created_at", "flag_id", "kind", "by", "severity")
    list_filter = ("kind",)
    list_select_related = ("by",)
    search_fields = ("by__email",)


@admin.register(Notification)
class NotificationAdmin(ShowOnlyAdmin[Notification]):
    list_display = ("created_at", "recipient", "kind", "title", "mail_state", "mail_attempts", "mail_error", "read_at")
    list_filter = ("mail_state", "kind")
    list_select_related = ("recipient",)
    search_fields = ("recipient__email", "title")
    actions = ("send_again",)

    @admin.action(description="Send the mails again that were given up")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Notification]) -> None:
        at, ids = clock.now(), list(queryset.order_by("pk").values_list("pk", flat=True))
        done = sum(send_again(notification_id=pk, by=request.user, at=at) for pk in ids)  # type: ignore[arg-type]
        tell_outcome(request, "mails to send again", done, [])


@admin.register(FeedbackSnippet)
class FeedbackSnippetAdmin(RecordAdmin[FeedbackSnippet]):
    list_display = ("title", "mentor")
    list_select_related = ("mentor",)
    search_fields = ("title", "text", "mentor__email")
    autocomplete_fields = ("mentor",)


@admin.register(DecisionSnooze)
class DecisionSnoozeAdmin(ShowOnlyAdmin[DecisionSnooze]):
    list_display = ("key", "director", "until")
    list_select_related = ("director",)
    search_fields = ("director__email",)
