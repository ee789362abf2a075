"""The stream's URL under WSGI (development server, test client): one snapshot, then the browser polls."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from core.enums import Audience
from core.stream import frames
from core.stream.snapshots import read_snapshot

POLL_MILLISECONDS = 5000


def snapshot_response(request: HttpRequest, audience: Audience) -> HttpResponse:
    """One `snapshot` event with `retry: 5000`. The edge has opened the transaction and acts as the signed-in
    person.

    Raises `NoSnapshotProvider`. Source: architecture.md §10.
    """
    if request.user.pk is None:
        raise ValueError("a stream belongs to a signed-in person")
    snapshot = read_snapshot((audience, request.user.pk))
    frame = frames.numbered(snapshot.number, frames.render("snapshot", snapshot.data))
    return HttpResponse(
        frames.retry(POLL_MILLISECONDS, POLL_MILLISECONDS) + frame,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )
