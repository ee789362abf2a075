"""Each section has one provider, and all are asked for the whole batch."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.identifiers import new_id
from student_dashboard.sections import Section, collect_facts, register_section

AT = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)


def test_a_name_is_taken_once() -> None:
    register_section("goals", lambda student_ids, at: {})
    with pytest.raises(ValueError, match="'goals' has a provider already"):
        register_section("goals", lambda student_ids, at: {})


def test_registering_the_same_provider_again_changes_nothing() -> None:
    def provider(student_ids: object, at: object) -> dict[object, object]:
        return {}

    register_section("goals", provider)  # type: ignore[arg-type]
    register_section("goals", provider)  # type: ignore[arg-type]
    assert collect_facts([], AT) == {}


def test_a_student_of_whom_a_provider_knows_nothing_has_none() -> None:
    known, unknown = new_id(), new_id()
    register_section("goals", lambda student_ids, at: {known: Section({"open": 2})})
    facts = collect_facts([known, unknown], AT)
    assert (facts[known].sections, facts[unknown].sections) == ({"goals": {"open": 2}}, {"goals": None})
