"""Adds to every operation what each can answer besides its own: problem documents, tags, keys."""

from __future__ import annotations

import inspect
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.api.etags import EntityTags
from core.api.idempotency import HEADER, IdempotentCreates

WRITES = {"POST", "PUT", "PATCH"}


class FieldErrorSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Path of the field, empty for the request as a whole.")
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="A sentence, for people.")
    instance = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


STATUS_WORDS = {
    "400": "The request is malformed or has invalid fields.",
    "401": "Not signed in.",
    "403": "Signed in, but not in this role.",
    "404": "Not there, or not visible to the caller.",
    "409": "The state has moved on, or a limit is reached.",
    "412": "The ETag of If-Match is stale.",
    "413": "The request is too large.",
    "415": "The content type is not accepted.",
    "422": "A rule of the product, or a reused Idempotency-Key, forbids it.",
    "428": "If-Match is missing.",
    "429": "Too many requests.",
}


class ProblemAutoSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        given: list[Any] = list(super().get_override_parameters())
        if self.method == "POST" and isinstance(self.view, IdempotentCreates):
            given.append(
                OpenApiParameter(
                    HEADER, str, OpenApiParameter.HEADER, description="Send again with the same key: one effect."
                )
            )
        if self.method in {"PATCH", "PUT"} and isinstance(self.view, EntityTags):
            given.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True))
        return given

    def get_description(self) -> str:  # type: ignore[override] # drf-spectacular asks without the path
        """What the operation says of itself, or its view; what a mixin says is for programmers."""
        described: str = super().get_description()
        return described if described in self._own_words() else ""

    def _own_words(self) -> set[str | None]:
        handler = getattr(self.view, getattr(self.view, "action", self.method.lower()), None)
        return {inspect.getdoc(handler), inspect.cleandoc(vars(type(self.view)).get("__doc__") or "")}

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        reference = self.resolve_serializer(ProblemSerializer, direction).ref
        for status in self._problem_statuses():
            bodies.setdefault(
                status,
                {
                    "description": STATUS_WORDS[status],
                    "content": {"application/problem+json": {"schema": reference}},
                },
            )
        if self.method == "GET" and isinstance(self.view, EntityTags):
            bodies.setdefault("304", {"description": "Not modified since the ETag of If-None-Match."})
        return bodies

    def _problem_statuses(self) -> list[str]:
        statuses = {"400", "429"}
        if getattr(self.view, "acts_as", None) != "anon":
            statuses |= {"401", "403"}
        if "{" in self.path or self._names_rows() or getattr(self.view, "may_be_absent", False):
            statuses.add("404")
        if self.method in WRITES:
            statuses |= {"409", "413", "415", "422"}
        if self.method == "DELETE":
            statuses.add("409")
        if self.method in {"PATCH", "PUT"}:
            statuses |= {"412", "428"}
        return sorted(statuses)

    def _names_rows(self) -> bool:
        """Whether the query or the body holds ids: such a row may not be there either."""
        queries = [each["schema"] for each in self._get_parameters() if each["in"] == "query"]
        if any(each.get("format") == "uuid" for each in queries):
            return True
        if self.method not in WRITES:
            return False
        wish: Any = self.get_request_serializer()
        return _holds_ids(wish() if isinstance(wish, type) else wish)


def _holds_ids(field: Any) -> bool:
    """Whether a serializer, or anything inside of it, takes an id."""
    if isinstance(field, serializers.UUIDField):
        return True
    child = getattr(field, "child", None)
    inner = getattr(field, "fields", {}).values()
    return (child is not None and _holds_ids(child)) or any(_holds_ids(each) for each in inner)
