"""Zones and days as the clock tells them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import connection

from core.clock import known_zones, local_date, rfc3339
from tests.database import as_system

UNKNOWN = """
SELECT array_agg(zone) FROM unnest(%s::text[]) AS zone
WHERE NOT EXISTS (SELECT FROM pg_timezone_names known WHERE known.name = zone)
"""


def test_every_known_zone_is_known_to_the_database(db: None) -> None:
    """One person in a zone that PostgreSQL does not know would fail each statement over all people."""
    assert len(known_zones()) > 400
    with as_system(), connection.cursor() as cursor:
        cursor.execute(UNKNOWN, [sorted(known_zones())])
        assert cursor.fetchone()[0] is None


def test_a_day_is_that_of_the_zone() -> None:
    at = datetime(2026, 3, 2, 18, 20, tzinfo=UTC)
    assert [local_date(at, zone) for zone in ("UTC", "Asia/Kathmandu", "Pacific/Niue")] == [
        date(2026, 3, 2),
        date(2026, 3, 3),
        date(2026, 3, 2),
    ]


def test_instants_are_written_in_utc() -> None:
    assert rfc3339(datetime.fromisoformat("2026-03-02T18:20:00+05:45")) == "2026-03-02T12:35:00Z"
