from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from core.errors import NotVisible
from core.tenancy.identity import Role
from missions import selectors
from missions.uploads import OFFERED_TYPES, UNKNOWN_TYPE, offered_type

DOWNLOAD: Final[dict[str, Any]] = {
    "tags": ["missions"],
    "summary": "Download a file that was handed in",
    "description": "Always an attachment. Types off a short list are sent as application/octet-stream.",
    "responses": {
        (200, media_type): OpenApiResponse(OpenApiTypes.BINARY, description="The file's bytes.")
        for media_type in (UNKNOWN_TYPE, *sorted(OFFERED_TYPES))
    },
    "examples": [
        OpenApiExample("A file", "VGltZWxpbmU=", response_only=True, media_type=UNKNOWN_TYPE),
    ],
}


class FileView(GenericAPIView[Any]):
    """One subclass per role: row-level security decides by it which files there are."""

    acts_as: Role
    serializer_class = None

    def get(self, request: Request, file_id: UUID) -> FileResponse:
        file = selectors.get_file(file_id)
        try:
            content = file.content.open("rb")
        except FileNotFoundError as error:
            raise NotVisible("The file is no longer on the storage.") from error
        response = FileResponse(
            content, as_attachment=True, filename=file.name, content_type=offered_type(file.content_type)
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class StudentFileView(FileView):
    acts_as = Role.STUDENT

    @extend_schema(operation_id="missions_file", **DOWNLOAD)
    def get(self, request: Request, file_id: UUID) -> FileResponse:
        return super().get(request, file_id)


class MentorFileView(FileView):
    acts_as = Role.MENTOR

    @extend_schema(operation_id="mentor_file", **DOWNLOAD)
    def get(self, request: Request, file_id: UUID) -> FileResponse:
        return super().get(request, file_id)


class DirectorFileView(FileView):
    acts_as = Role.DIRECTOR

    @extend_schema(operation_id="director_file", **DOWNLOAD)
    def get(self, request: Request, file_id: UUID) -> FileResponse:
        return super().get(request, file_id)
