"""A stream's URL inside Django: its place in the schema, and its answer where no ASGI server takes the path first."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from core.enums import Audience
from core.stream.fallback import snapshot_response


class EventStreamRenderer(JSONRenderer):
    """Lets `Accept: text/event-stream` through; what it renders are the problem documents."""

    media_type = "text/event-stream"
    format = "event-stream"


class SnapshotStreamView(APIView):
    """Subclasses say `acts_as` and `audience`, and describe their `get` with the parameters and responses below."""

    audience: ClassVar[Audience]
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    def get(self, request: Request) -> HttpResponse:
        return snapshot_response(request._request, self.audience)


STREAM_PARAMETERS = [
    OpenApiParameter(
        "Last-Event-ID", int, OpenApiParameter.HEADER, description="The last number received: only what came after it."
    ),
    OpenApiParameter("after", int, OpenApiParameter.QUERY, description="The same, for clients that set no headers."),
]
STREAM_RESPONSES = {(200, "text/event-stream"): OpenApiTypes.STR}


def stream_example(text: str) -> OpenApiExample:
    """What a client of the stream reads, as it goes over the line."""
    return OpenApiExample("Two events", text, response_only=True, media_type="text/event-stream")
