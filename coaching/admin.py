from django.contrib import admin

from coaching.models import Goal, GoalFeedback, Habit, HabitLog, MissedDeadline, StreakBreak
from core.admin_base import ShowOnlyAdmin, ShowOnlyInline


class BreakInline(ShowOnlyInline[StreakBreak]):
    model = StreakBreak
    fields = ("last_date", "length", "broken_on", "noticed_at")


@admin.register(Habit)
class HabitAdmin(ShowOnlyAdmin[Habit]):
    list_display = ("name", "student", "cadence", "streak_length", "longest_streak", "keep_by", "archived_on")
    list_filter = ("cadence",)
    list_select_related = ("student",)
    search_fields = ("name", "student__name", "student__email")
    inlines = (BreakInline,)


@admin.register(HabitLog)
class HabitLogAdmin(ShowOnlyAdmin[HabitLog]):
    list_display = ("local_date", "habit", "student", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("habit", "student")
    search_fields = ("student__name", "student__email", "habit__name")
    ordering = ("-id",)


class FeedbackInline(ShowOnlyInline[GoalFeedback]):
    model = GoalFeedback
    fields = ("created_at", "author", "text")


class MissedInline(ShowOnlyInline[MissedDeadline]):
    model = MissedDeadline
    fields = ("number", "due_date", "noticed_at")


@admin.register(Goal)
class GoalAdmin(ShowOnlyAdmin[Goal]):
    list_display = ("title", "student", "due_date", "state", "overdue_since", "closed_at")
    list_filter = ("state", "cohort")
    list_select_related = ("student",)
    search_fields = ("title", "student__name", "student__email")
    inlines = (MissedInline, FeedbackInline)


@admin.register(GoalFeedback)
class GoalFeedbackAdmin(ShowOnlyAdmin[GoalFeedback]):
    list_display = ("created_at", "goal", "author")
    list_select_related = ("goal", "author")
    search_fields = ("goal__title", "author__email")


@admin.register(StreakBreak)
class StreakBreakAdmin(ShowOnlyAdmin[StreakBreak]):
    list_display = ("habit", "student", "length", "last_date", "broken_on")
    list_select_related = ("habit", "student")
    search_fields = ("student__email", "habit__name")


@admin.register(MissedDeadline)
class MissedDeadlineAdmin(ShowOnlyAdmin[MissedDeadline]):
    list_display = ("goal", "student", "due_date", "number", "noticed_at")
    list_select_related = ("goal", "student")
    search_fields = ("student__email", "goal__title")
