"""The phrases that a mentor keeps for her reviews."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.api.representation import represent, represent_each
from core.tenancy.identity import Role
from mentorship_coordination.actions.snippets import LONGEST_TITLE, change_snippet, drop_snippet, keep_snippet
from mentorship_coordination.models.notifications import FeedbackSnippet
from mentorship_coordination.selectors.snippets import list_snippets
from missions.judgement import LONGEST_FEEDBACK
from users.people import signed_in

TAGS: Final = ["mentor: work queue"]
WISH: Final[dict[str, Any]] = {"title": "Sources", "text": "Name your sources, with the time at which you read them."}
KEPT: Final[dict[str, Any]] = {"id": "019b9c61-5d2e-7a41-8b33-0c4d5e6f7081", **WISH}


class SnippetInputSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=LONGEST_TITLE, help_text="No two phrases of a mentor have one name.")
    text = serializers.CharField(max_length=LONGEST_FEEDBACK)


class SnippetSerializer(serializers.ModelSerializer[FeedbackSnippet]):
    class Meta:
        model = FeedbackSnippet
        fields = ("id", "title", "text")
        read_only_fields = fields


class ByTitle(RowKeysetPagination):
    ordering = ("title", "id")


class SnippetsView(IdempotentCreates, EntityTags, GenericAPIView[FeedbackSnippet]):
    acts_as = Role.MENTOR
    queryset = FeedbackSnippet.objects.none()
    serializer_class = SnippetSerializer
    pagination_class = ByTitle
    filter_backends = (StrictFilterBackend,)

    def get_queryset(self) -> QuerySet[FeedbackSnippet]:
        return list_snippets(signed_in(self.request).pk)

    @extend_schema(
        operation_id="mentor_snippets_list",
        tags=TAGS,
        summary="Your phrases, by name",
        responses=SnippetSerializer(many=True),
        examples=[OpenApiExample("One", KEPT, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(represent_each(SnippetSerializer, page))

    @extend_schema(
        operation_id="mentor_snippets_create",
        tags=TAGS,
        summary="Keep a phrase",
        request=SnippetInputSerializer,
        responses={201: SnippetSerializer},
        examples=[
            OpenApiExample("Sources", WISH, request_only=True),
            OpenApiExample("Kept", KEPT, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request) -> Response:
        given = SnippetInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        snippet = keep_snippet(by=signed_in(request), at=clock.now(), **given.validated_data)
        return Response(represent(SnippetSerializer, snippet), status=status.HTTP_201_CREATED)


class SnippetView(APIView):
    acts_as = Role.MENTOR

    @extend_schema(
        operation_id="mentor_snippets_change",
        tags=TAGS,
        summary="Give a phrase another name and text",
        request=SnippetInputSerializer,
        responses=SnippetSerializer,
        examples=[
            OpenApiExample("Sources", WISH, request_only=True),
            OpenApiExample("Changed", KEPT, response_only=True),
        ],
    )
    def post(self, request: Request, snippet_id: UUID) -> Response:
        given = SnippetInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        snippet = change_snippet(snippet_id=snippet_id, by=signed_in(request), **given.validated_data)
        return Response(represent(SnippetSerializer, snippet))

    @extend_schema(operation_id="mentor_snippets_drop", tags=TAGS, summary="Take a phrase away", responses={204: None})
    def delete(self, request: Request, snippet_id: UUID) -> Response:
        drop_snippet(snippet_id=snippet_id, by=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("mentor/snippets", SnippetsView.as_view(), name="mentor-snippets"),
    path("mentor/snippets/<uuid:snippet_id>", SnippetView.as_view(), name="mentor-snippet"),
]
