from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core import clock
from core.admin_base import ShowOnlyAdmin, tell_outcome
from student_dashboard.actions import revive_refreshes
from student_dashboard.models import DashboardUpdateQueue, ReadinessSnapshot, RiskEpisode, StudentDashboard


class IsDead(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("waiting", "waiting"), ("claimed", "being computed"), ("dead", "given up")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[DashboardUpdateQueue]
    ) -> QuerySet[DashboardUpdateQueue]:
        conditions: dict[str | None, dict[str, bool]] = {
            "waiting": {"claimed_at__isnull": True, "dead_at__isnull": True},
            "claimed": {"claimed_at__isnull": False},
            "dead": {"dead_at__isnull": False},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


@admin.register(DashboardUpdateQueue)
class DashboardUpdateQueueAdmin(ShowOnlyAdmin[DashboardUpdateQueue]):
    list_display = ("student", "rank", "reasons", "requested_at", "available_at", "attempts", "dead_at", "last_error")
    list_filter = (IsDead, "rank")
    list_select_related = ("student",)
    search_fields = ("student__email", "last_error")
    ordering = ("rank", "requested_at")
    actions = ("try_again",)

    @admin.action(description="Try again what was given up")
    def try_again(self, request: HttpRequest, queryset: QuerySet[DashboardUpdateQueue]) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        tell_outcome(request, "refreshes", revive_refreshes(row_ids=chosen, at=clock.now()), [])


@admin.register(StudentDashboard)
class StudentDashboardAdmin(ShowOnlyAdmin[StudentDashboard]):
    list_display = ("student", "mentor", "cohort", "readiness", "risk_score", "computed_at", "revision")
    list_filter = ("cohort",)
    list_select_related = ("student", "mentor", "cohort")
    search_fields = ("student__email", "student__name")


@admin.register(ReadinessSnapshot)
class ReadinessSnapshotAdmin(ShowOnlyAdmin[ReadinessSnapshot]):
    list_display = ("student", "local_date", "readiness", "formula_version")
    list_select_related = ("student",)
    search_fields = ("student__email",)
    ordering = ("-local_date",)


@admin.register(RiskEpisode)
class RiskEpisodeAdmin(ShowOnlyAdmin[RiskEpisode]):
    list_display = ("student", "score", "opened_at", "closed_at")
    list_filter = ("enrolment__cohort",)
    list_select_related = ("student",)
    search_fields = ("student__email", "student__name")
