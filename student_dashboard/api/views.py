from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.etags import EntityTags
from core.api.representation import represent
from core.api.streams import STREAM_PARAMETERS, STREAM_RESPONSES, SnapshotStreamView, stream_example
from core.enums import Audience
from core.tenancy.identity import Role
from student_dashboard.api import examples
from student_dashboard.api.serializers import ExplainedDashboardSerializer, StudentDashboardSerializer
from student_dashboard.models import StudentDashboard
from student_dashboard.selectors import find_dashboard, has_pending_refresh
from users.models import User

EXPLAIN = "explain"
YES, NO = {"1", "true"}, {"0", "false", ""}


class StudentDashboardView(EntityTags, APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_dashboard_read",
        tags=["student"],
        summary="Your dashboard",
        description="The snapshot as of `computed_at`. While `refresh_pending`, a newer one is on its way: "
        "the stream tells when it is there. With `explain=1` the answer also says how readiness was computed.",
        parameters=[OpenApiParameter(EXPLAIN, str, enum=["0", "1"], description="1: with the parts and their inputs.")],
        responses=ExplainedDashboardSerializer,
        examples=[
            OpenApiExample("A dashboard", examples.STUDENT_DASHBOARD, response_only=True),
            OpenApiExample("When the figures say that she needs help", examples.AT_RISK, response_only=True),
            OpenApiExample("When somebody worries about her", examples.WATCHED, response_only=True),
            OpenApiExample("Explained", examples.EXPLAINED_DASHBOARD, response_only=True),
        ],
    )
    def get(self, request: Request) -> Response:
        serializer = ExplainedDashboardSerializer if _wants_explanation(request) else StudentDashboardSerializer
        # Asked first: a refresh that commits in between shows as fresh yet pending, never as stale yet done.
        is_pending = has_pending_refresh()
        person = cast("User", request.user)
        dashboard = find_dashboard(person.pk) or StudentDashboard(student=person)
        return Response(represent(serializer, dashboard, is_pending=is_pending))


def _wants_explanation(request: Request) -> bool:
    unknown = set(request.query_params) - {EXPLAIN}
    if unknown:
        raise ValidationError({name: ["There is no such parameter."] for name in sorted(unknown)})
    wish = request.query_params.get(EXPLAIN, "0").lower()
    if wish not in YES | NO:
        raise ValidationError({EXPLAIN: ["Give 1 or 0."]})
    return wish in YES


class StudentDashboardStreamView(SnapshotStreamView):
    acts_as = Role.STUDENT
    audience = Audience.STUDENT

    @extend_schema(
        operation_id="student_dashboard_stream",
        tags=["student"],
        summary="What changes on your dashboard, live",
        description="Server-sent events: a `snapshot` first, then changes, numbered without holes.",
        parameters=STREAM_PARAMETERS,
        responses=STREAM_RESPONSES,
        examples=[stream_example(examples.STREAM)],
    )
    def get(self, request: Request) -> HttpResponse:
        return super().get(request)
