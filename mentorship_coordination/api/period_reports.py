"""What a director's reports share: what is asked, and the same lines as JSON and as a spreadsheet's CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from core import clock
from core.clock import local_date, midnight
from core.errors import NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.selectors.flags import list_directed_cohorts
from mentorship_coordination.selectors.period_reports import EARLIEST, LATEST, MOST_DAYS
from users.people import signed_in

F = TypeVar("F", bound=Callable[..., Any])
TAGS: Final = ["director: overview"]
USUAL_DAYS: Final = 28
#: A cell that begins so is a formula to a spreadsheet.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class ReportQuerySerializer(serializers.Serializer[Any]):
    """`from` is a word of Python: the fields are declared by their names in the address."""

    vars()["from"] = serializers.DateField(
        required=False, help_text="First day, in your zone; 28 days back if left out."
    )
    to = serializers.DateField(required=False, help_text="Last day, in your zone; today when left out.")
    cohort = serializers.UUIDField(required=False)
    mentor = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields)
        if unknown:
            raise serializers.ValidationError({name: ["There is no such filter."] for name in sorted(unknown)})
        last = attrs.setdefault("to", self.context["today"])
        if not EARLIEST < min(last, attrs.get("from", last)) <= max(last, attrs.get("from", last)) < LATEST:
            raise serializers.ValidationError({"from": ["Ask for days that were."]})
        first = attrs.setdefault("from", last - timedelta(days=USUAL_DAYS - 1))
        if last < first:
            raise serializers.ValidationError({"to": ["This is before `from`."]})
        if (last - first).days >= MOST_DAYS:
            raise serializers.ValidationError({"from": [f"Ask for at most {MOST_DAYS} days at once."]})
        return attrs


@dataclass(frozen=True, slots=True)
class Asked:
    """Of `[since, until)`; `mentor_id` None: of all."""

    cohort_ids: list[UUID]
    since: datetime
    until: datetime
    mentor_id: UUID | None


class PeriodReportView(APIView):
    acts_as = Role.DIRECTOR

    def asked(self, request: Request) -> Asked:
        """What the address asks for. Raises ValidationError, NotVisible."""
        person = signed_in(request)
        today = local_date(clock.now(), person.timezone)
        given = ReportQuerySerializer(data=request.query_params.dict(), context={"today": today})
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        cohorts = list_directed_cohorts(person.pk)
        if "cohort" in asked:
            if asked["cohort"] not in cohorts:
                raise NotVisible
            cohorts = [asked["cohort"]]
        return Asked(
            cohorts,
            midnight(asked["from"], person.timezone),
            midnight(asked["to"] + timedelta(days=1), person.timezone),
            asked.get("mentor"),
        )


class CsvRenderer(JSONRenderer):
    """Lets a client ask for `text/csv`; a refusal is still a problem document."""

    media_type = "text/csv"
    format = "csv"


def csv_schema(operation_id: str, example: str) -> Callable[[F], F]:
    """Decorates the operation that answers with `csv_answer`."""
    decorated: Callable[[F], F] = extend_schema(
        operation_id=operation_id,
        tags=TAGS,
        summary="The same for a spreadsheet",
        description="Names that a spreadsheet would take for a formula begin with an apostrophe.",
        parameters=[ReportQuerySerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        examples=[OpenApiExample("Four weeks", example, response_only=True, media_type="text/csv")],
    )
    return decorated


def csv_answer(text: str, *, name: str, since: datetime) -> HttpResponse:
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{since:%Y-%m-%d}.csv"'},
    )


def csv_text(head: Sequence[str], rows: Iterable[tuple[str, str, Sequence[Any]]]) -> str:
    """RFC 4180: a line each for all, every cohort and every mentor, by what it is of, its name and its figures."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["of", "name", *head])
    for kind, name, figures in rows:
        shown = f"'{name}" if name.startswith(FORMULA_STARTS) else name
        writer.writerow([kind, shown, *("" if figure is None else figure for figure in figures)])
    return out.getvalue()
