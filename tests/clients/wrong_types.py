"""What a type checker must refuse: mypy --strict fails when an ignore is not needed, since a type has become Any."""

from __future__ import annotations

from uuid import UUID

from mentorship_client.models import Handover, ReviewInputRequest, SessionInputRequest, WorkItem


def calls(item: WorkItem, handover: Handover) -> tuple[str, UUID]:
    ReviewInputRequest(score=87, decision="approved")  # type: ignore[arg-type]
    ReviewInputRequest(score="87")  # type: ignore[arg-type]
    SessionInputRequest(title="Weekly talk", start_time="2026-03-02T10:00:00Z")  # type: ignore[arg-type]
    item.due_at.date()  # type: ignore[union-attr]
    item.status.upper().no_such()  # type: ignore[attr-defined]
    item.mentee + 1  # type: ignore[operator]
    planned: str = handover.result.additional_properties["a"].mentor  # type: ignore[assignment]
    also: UUID = handover.mentor_name  # type: ignore[assignment]
    return planned, also
