"""What this app answers when the layers below ask: snapshots of the streams."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from core import clock
from core.enums import Audience
from core.stream.snapshots import register_snapshot
from mentorship_coordination.selectors.queue import count_for_director, count_queue
from users.models import User


def mentor_snapshot(mentor_id: UUID) -> dict[str, Any]:
    """The counters of the mentor's page; "today" is that of her zone."""
    zone = User.objects.values_list("timezone", flat=True).get(pk=mentor_id)
    return {"work_queue": asdict(count_queue(mentor_id, zone, clock.now()))}


def director_snapshot(director_id: UUID) -> dict[str, Any]:
    return {"work_queue": asdict(count_for_director(director_id, clock.now()))}


register_snapshot(Audience.MENTOR, mentor_snapshot)
register_snapshot(Audience.DIRECTOR, director_snapshot)
