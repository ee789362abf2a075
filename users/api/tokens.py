"""A person's own access tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags
from core.api.filters import StrictFilterBackend
from core.api.idempotency import IdempotentCreates
from core.api.keyset import RowKeysetPagination
from core.tenancy.identity import Role
from users.actions.access_tokens import create_access_token, revoke_access_token
from users.api.examples import TOKEN
from users.api.serializers import AccessTokenInput, AccessTokenOutput, NewAccessTokenOutput, new_token_answer
from users.models import AccessToken
from users.selectors import list_access_tokens

TAGS = ["Access tokens"]


@extend_schema_view(
    get=extend_schema(
        operation_id="auth_tokens_list",
        tags=TAGS,
        summary="List the own access tokens",
        description="Live ones, newest first. The secrets cannot be read again.",
        examples=[OpenApiExample("One token", value=TOKEN, response_only=True)],
    )
)
class TokensView(IdempotentCreates, EntityTags, ListAPIView[AccessToken]):
    acts_as = Role.PERSON
    queryset = AccessToken.objects.none()
    serializer_class = AccessTokenOutput
    pagination_class = RowKeysetPagination
    filter_backends = (StrictFilterBackend,)

    def get_queryset(self) -> QuerySet[AccessToken]:
        return list_access_tokens(person=self.request._request.user, at=clock.now())  # type: ignore[arg-type]

    @extend_schema(
        operation_id="auth_tokens_create",
        tags=TAGS,
        summary="Create an access token",
        description="The answer holds the secret, once. Send it as `Authorization: Bearer <token>`.",
        request=AccessTokenInput,
        responses={201: NewAccessTokenOutput},
        examples=[
            OpenApiExample(
                "Create",
                value={"name": "gradebook export", "expires_at": "2026-09-01T00:00:00Z"},
                request_only=True,
            ),
            OpenApiExample(
                "Created",
                value={**TOKEN, "token": "wb6vXn0Zk3yR5hYxw9Ztvq"},
                response_only=True,
                status_codes=["201"],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        given = AccessTokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        token, secret = create_access_token(
            by=request._request.user,  # type: ignore[arg-type]
            name=given.validated_data["name"],
            expires_at=given.validated_data["expires_at"],
            at=clock.now(),
        )
        return Response(
            new_token_answer(token, secret),
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )

    def answer_to_keep(self, response: Response) -> Any:
        return super().answer_to_keep(response) | {"token": None}


class TokenView(APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="auth_tokens_revoke",
        tags=TAGS,
        summary="Revoke an own access token",
        responses={204: None},
    )
    def delete(self, request: Request, token_id: UUID) -> Response:
        revoke_access_token(
            token_id=token_id,
            by=request._request.user,  # type: ignore[arg-type]
            at=clock.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
