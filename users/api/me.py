"""The signed-in person's own profile."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.etags import EntityTags, etag_of, require_match
from core.tenancy.identity import Role
from users.actions.profile import change_own_profile
from users.api.examples import PROFILE
from users.api.serializers import ProfileInput, ProfileOutput
from users.models import User

TAGS = ["People"]


class MeView(EntityTags, APIView):
    acts_as = Role.PERSON

    @extend_schema(
        operation_id="users_me",
        tags=TAGS,
        summary="Read the own profile",
        responses={200: ProfileOutput},
        examples=[OpenApiExample("A mentor", value=PROFILE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        person: User = request._request.user  # type: ignore[assignment]
        return Response(ProfileOutput(person).data)

    @extend_schema(
        operation_id="users_me_change",
        tags=TAGS,
        summary="Change the own profile",
        description="Fields left out stay as they are. E-mail, roles and limits are not changed here.",
        request=ProfileInput,
        responses={200: ProfileOutput},
        examples=[
            OpenApiExample(
                "New hours",
                value={"timezone": "Europe/Oslo", "mentor_availability": PROFILE["mentor_availability"]},
                request_only=True,
            ),
            OpenApiExample("Changed", value=PROFILE, response_only=True, status_codes=["200"]),
        ],
    )
    def patch(self, request: Request) -> Response:
        person: User = request._request.user  # type: ignore[assignment]
        require_match(request, ProfileOutput(person).data)
        given = ProfileInput(data=request.data)
        given.is_valid(raise_exception=True)
        changed = change_own_profile(by=person, revision=person.revision, changes=given.validated_data, at=clock.now())
        body = ProfileOutput(changed).data
        return Response(body, headers={"ETag": etag_of(body)})
