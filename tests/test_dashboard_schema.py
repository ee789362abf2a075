"""What the schema says of the student's dashboard is what the API answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from conftest import Cast
from core import clock
from mentorship_coordination.seed.build import build
from mentorship_coordination.seed.world import Options, Volume
from missions.cohort_scores import store_cohort_scores
from student_dashboard.aggregation import DashboardAggregationService
from student_dashboard.api import examples
from student_dashboard.models import StudentDashboard
from student_dashboard.readiness import FORMULA_VERSION, evaluate
from student_dashboard.sections import readiness_parts, section_names, section_shapes
from tests.database import as_system, as_worker
from users.models import User

AT = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)
EXAMPLES = {
    "plain": examples.STUDENT_DASHBOARD,
    "at risk": examples.AT_RISK,
    "watched": examples.WATCHED,
    "explained": examples.EXPLAINED_DASHBOARD,
}
Api = Callable[[User | None], APIClient]


@pytest.fixture
def answers(db: None, api: Api) -> list[dict[str, Any]]:
    """The explained dashboards of a seeded academy."""
    options = Options(mentors=3, mentees_per_mentor=8, volume=Volume.DEFAULT, seed=42, at=AT)
    with as_worker(), clock.pinned(AT):
        build(options, password="seven quiet llamas", progress=lambda *_: None)
        store_cohort_scores(at=AT)
        while DashboardAggregationService.refresh(at=AT):
            pass
    with as_system():
        students = list(User.objects.filter(enrolments__state="active"))
    assert len(students) == 24
    with clock.pinned(AT):
        return [api(student).get("/api/v1/student/dashboard?explain=1").json() for student in students]


def keys(value: Any, path: str = "") -> Iterator[str]:
    """The path of each key; the entries of a list share theirs."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{path}.{key}"
            yield from keys(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from keys(inner, f"{path}[]")


def test_the_example_has_every_key_of_the_answers_and_no_other(answers: list[dict[str, Any]]) -> None:
    found = {key for answer in answers for key in keys(answer)}

    assert set(keys(examples.EXPLAINED_DASHBOARD)) == found


def test_each_section_has_the_shape_that_its_app_registered(answers: list[dict[str, Any]]) -> None:
    assert set(section_shapes()) == set(section_names())
    for answer in answers:
        for name, shape in section_shapes().items():
            content = answer["sections"][name]
            if content is None:
                continue
            read = shape(data=content)
            assert read.is_valid(), (name, read.errors)
            assert set(keys(read.validated_data)) == set(keys(content)), name


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_sections_of_the_examples_are_valid(example: dict[str, Any]) -> None:
    for name, shape in section_shapes().items():
        read = shape(data=example["sections"][name])
        assert read.is_valid(), (name, read.errors)
        assert set(keys(read.validated_data)) == set(keys(example["sections"][name])), name


@pytest.mark.parametrize(
    ("example", "state"),
    [
        (examples.STUDENT_DASHBOARD, {}),
        (examples.WATCHED, {"is_watched": True}),
        (
            examples.AT_RISK,
            {
                "risk_since": datetime(2026, 1, 17, 8, 0, 3, tzinfo=UTC),
                "risk_parts": [{"name": "missed_sessions"}, {"name": "falling_readiness"}],
            },
        ),
    ],
    ids=["well", "watched", "at risk"],
)
def test_support_is_answered_as_in_the_examples(
    cast: Cast, api: Api, example: dict[str, Any], state: dict[str, Any]
) -> None:
    with as_system():
        StudentDashboard.objects.create(student=cast.student, **state)

    assert api(cast.student).get("/api/v1/student/dashboard").json()["support"] == example["support"]


def test_the_explained_figures_are_computed_by_the_formula() -> None:
    explanation = examples.EXPLAINED_DASHBOARD["explanation"]
    again = evaluate(readiness_parts(), {part["name"]: part["inputs"] for part in explanation["parts"]})

    assert explanation["formula_version"] == FORMULA_VERSION
    assert [(part.name, part.weight, float(part.value or 0)) for part in again.parts] == [
        (part["name"], part["weight"], part["value"]) for part in explanation["parts"]
    ]
    assert (float(again.figure or 0), float(again.coverage or 0)) == (
        examples.STUDENT_DASHBOARD["readiness"],
        examples.STUDENT_DASHBOARD["readiness_coverage"],
    )
