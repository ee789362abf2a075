"""Notes and action items of sessions."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core.api.idempotency import IdempotentCreates
from core.api.representation import represent
from core.tenancy.identity import Role
from mentorship_coordination.actions.session_notes import (
    LONGEST_ITEM,
    LONGEST_NOTE,
    MOST_ITEMS,
    WantedItem,
    finish_action_item,
    make_goal_of,
    note_session,
)
from mentorship_coordination.models.sessions import SessionActionItem, SessionNote
from mentorship_coordination.selectors.session_notes import SessionRecord, get_session_record
from mentorship_coordination.selectors.sessions import list_sessions_of_mentor, list_sessions_of_student
from users.people import signed_in

MENTOR: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
MENTEE: Final = "019b8f42-0d18-7a60-8c3e-5b7a19d2f460"
ITEM: Final[dict[str, Any]] = {
    "id": "019b9b31-1c2d-7e4f-8a5b-6c7d8e9f0a1b",
    "owner": MENTEE,
    "text": "Draw the timeline of the first hour",
    "due_date": "2026-03-09",
    "done_at": None,
}
WANTED: Final[dict[str, Any]] = {
    "notes": "We read the timeline together.",
    "private_notes": "Tired today.",
    "action_items": [{"text": ITEM["text"], "owner": MENTEE, "due_date": ITEM["due_date"]}],
}
RECORD: Final[dict[str, Any]] = {
    "notes": [
        {"text": WANTED["notes"], "is_private": False, "created_at": "2026-03-02T13:00:00Z"},
        {"text": WANTED["private_notes"], "is_private": True, "created_at": "2026-03-02T13:00:00Z"},
    ],
    "action_items": [ITEM],
}
OF_STUDENT: Final = RECORD | {"notes": RECORD["notes"][:1]}


class WantedItemSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST_ITEM)
    owner = serializers.UUIDField(required=False, help_text="The mentee when left out; in a group you yourself.")
    due_date = serializers.DateField(required=False, allow_null=True, default=None)


class NotesInputSerializer(serializers.Serializer[Any]):
    notes = serializers.CharField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)
    private_notes = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_NOTE, help_text="For you alone."
    )
    action_items = WantedItemSerializer(many=True, required=False, help_text=f"At most {MOST_ITEMS}.")


class NoteSerializer(serializers.ModelSerializer[SessionNote]):
    class Meta:
        model = SessionNote
        fields = ("text", "is_private", "created_at")
        read_only_fields = fields


class ActionItemSerializer(serializers.ModelSerializer[SessionActionItem]):
    owner = serializers.UUIDField(source="owner_id")

    class Meta:
        model = SessionActionItem
        fields = ("id", "owner", "text", "due_date", "done_at")
        read_only_fields = fields


class SessionRecordSerializer(serializers.Serializer[SessionRecord]):
    notes = NoteSerializer(many=True, help_text="Oldest first.")
    action_items = ActionItemSerializer(many=True)


class ActionItemGoalSerializer(serializers.Serializer[Any]):
    due_date = serializers.DateField(required=False, help_text="The item's own when left out.")


class GoalMadeSerializer(serializers.Serializer[Any]):
    goal = serializers.UUIDField()


class MentorNotesView(IdempotentCreates, APIView):
    acts_as = Role.MENTOR

    @extend_schema(
        operation_id="mentor_sessions_notes_read",
        tags=["mentor: sessions"],
        summary="What was noted of a session",
        responses=SessionRecordSerializer,
        examples=[OpenApiExample("A session", RECORD, response_only=True)],
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        record = get_session_record(list_sessions_of_mentor(signed_in(request).pk), session_id)
        return Response(represent(SessionRecordSerializer, record))

    @extend_schema(
        operation_id="mentor_sessions_note",
        tags=["mentor: sessions"],
        summary="Note what was said and who does what",
        description="Once the session has begun; finishes its `session_notes` item. More may be added later.",
        request=NotesInputSerializer,
        responses={201: SessionRecordSerializer},
        examples=[
            OpenApiExample("After the session", WANTED, request_only=True),
            OpenApiExample("Noted", RECORD, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request, session_id: UUID) -> Response:
        mentor = signed_in(request)
        given = NotesInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wish = given.validated_data
        items = [WantedItem(each["text"], each.get("owner"), each["due_date"]) for each in wish.get("action_items", ())]
        note_session(
            session_id=session_id,
            text=wish["notes"],
            private_text=wish["private_notes"],
            action_items=items,
            by=mentor,
            at=clock.now(),
        )
        record = get_session_record(list_sessions_of_mentor(mentor.pk), session_id)
        return Response(represent(SessionRecordSerializer, record), status=status.HTTP_201_CREATED)


class StudentNotesView(APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_sessions_notes_read",
        tags=["student: sessions"],
        summary="What was noted of your session",
        responses=SessionRecordSerializer,
        examples=[OpenApiExample("A session", OF_STUDENT, response_only=True)],
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        record = get_session_record(list_sessions_of_student(signed_in(request).pk), session_id)
        return Response(represent(SessionRecordSerializer, record))


class _DoneView(APIView):
    def post(self, request: Request, item_id: UUID) -> Response:
        item = finish_action_item(item_id=item_id, by=signed_in(request), at=clock.now())
        return Response(represent(ActionItemSerializer, item))


DONE: Final[dict[str, Any]] = {
    "summary": "Say that you have done what you were to do",
    "request": None,
    "responses": ActionItemSerializer,
    "examples": [OpenApiExample("Done", ITEM | {"done_at": "2026-03-08T10:00:00Z"}, response_only=True)],
}


@extend_schema_view(post=extend_schema(operation_id="mentor_action_items_done", tags=["mentor: sessions"], **DONE))
class MentorActionItemDoneView(_DoneView):
    acts_as = Role.MENTOR


@extend_schema_view(post=extend_schema(operation_id="student_action_items_done", tags=["student: sessions"], **DONE))
class StudentActionItemDoneView(_DoneView):
    acts_as = Role.STUDENT


class ActionItemGoalView(IdempotentCreates, APIView):
    acts_as = Role.STUDENT

    @extend_schema(
        operation_id="student_action_items_goal",
        tags=["student: sessions"],
        summary="Make a goal of what you were to do",
        description="The action item is settled by that.",
        request=ActionItemGoalSerializer,
        responses={201: GoalMadeSerializer},
        examples=[
            OpenApiExample("By the ninth", {"due_date": "2026-03-09"}, request_only=True),
            OpenApiExample("Made", {"goal": ITEM["id"]}, response_only=True, status_codes=["201"]),
        ],
    )
    def post(self, request: Request, item_id: UUID) -> Response:
        given = ActionItemGoalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        goal = make_goal_of(
            item_id=item_id, due_date=given.validated_data.get("due_date"), by=signed_in(request), at=clock.now()
        )
        return Response(represent(GoalMadeSerializer, {"goal": goal}), status=status.HTTP_201_CREATED)


urlpatterns = [
    path("mentor/sessions/<uuid:session_id>/notes", MentorNotesView.as_view(), name="mentor-session-notes"),
    path("student/sessions/<uuid:session_id>/notes", StudentNotesView.as_view(), name="student-session-notes"),
    path("mentor/action-items/<uuid:item_id>/done", MentorActionItemDoneView.as_view(), name="mentor-item-done"),
    path("student/action-items/<uuid:item_id>/done", StudentActionItemDoneView.as_view(), name="student-item-done"),
    path("student/action-items/<uuid:item_id>/goal", ActionItemGoalView.as_view(), name="student-item-goal"),
]
