"""Under WSGI the stream's URL answers one snapshot, and the browser polls."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory

from core.enums import Audience
from core.stream import snapshots
from core.stream.fallback import snapshot_response
from core.stream.snapshots import NoSnapshotProvider, register_snapshot
from core.tenancy.identity import Identity, Role, acting_as
from core.tests.stream_people import new_mentor, tell


@pytest.fixture(autouse=True)
def no_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_providers", {})


def answer_for(request_user: object) -> bytes:
    request = RequestFactory().get("/")
    request.user = request_user  # type: ignore[assignment]
    return snapshot_response(request, Audience.MENTOR).content


@pytest.mark.usefixtures("db")
def test_answers_one_snapshot_and_asks_to_be_polled() -> None:
    register_snapshot(Audience.MENTOR, lambda user_id: {"open": 3, "again": "yes\nno"})
    mentor = get_user_model()(pk=new_mentor())
    tell(mentor.pk, count=2)
    with acting_as(Identity(Role.MENTOR, mentor.pk)), transaction.atomic():
        content = answer_for(mentor)
    data = b'{"again":"yes\\nno","open":3}'
    assert content == b"retry: 5000\n\nid: 2\nevent: snapshot\ndata: " + data + b"\n\n"


def test_needs_a_provider() -> None:
    with pytest.raises(NoSnapshotProvider, match="mentor"):
        answer_for(get_user_model()())


def test_needs_a_person() -> None:
    with pytest.raises(ValueError, match="signed-in"):
        answer_for(AnonymousUser())


def test_has_one_provider_for_each_audience() -> None:
    register_snapshot(Audience.MENTOR, lambda user_id: {})
    with pytest.raises(ValueError, match="already"):
        register_snapshot(Audience.MENTOR, lambda user_id: {})
