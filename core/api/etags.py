"""Entity tags: `If-None-Match` answers 304, `If-Match` guards changes (428 without it, 412 when stale).

Tags are strong, except where a view names figures that tick: those are left out and the tag is weak.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

SAFE = {"GET", "HEAD"}


class PreconditionRequired(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send If-Match with the ETag that you read, so that nobody's change is lost."
    default_code = "precondition_required"


class PreconditionFailed(APIException):
    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The resource has changed since you read it. Read it again."
    default_code = "precondition_failed"


def etag_of(data: Any) -> str:
    """A strong tag over the representation, which is what RFC 9110 §8.8.1 asks of one."""
    return _etag_of_bytes(JSONRenderer().render(data))


def _etag_of_bytes(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'


def require_match(request: Request, current: Any) -> None:
    """Raise unless `If-Match` names the tag of `current`, the representation as it is now."""
    given = request.headers.get("If-Match")
    if not given:
        raise PreconditionRequired
    tags = parse_etags(given)
    if "*" not in tags and etag_of(current) not in tags:
        raise PreconditionFailed


def weak_etag_of(data: Any, ticking: frozenset[str]) -> str:
    """A tag over the representation, or the items of a page, without the members that change by time alone.

    Weak (RFC 9110 §8.8.1), because two answers of one tag may differ in those figures.
    """
    if "results" in data:
        stable: Any = {**data, "results": [_without(row, ticking) for row in data["results"]]}
    else:
        stable = _without(data, ticking)
    return f"W/{etag_of(stable)}"


def _without(row: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _matches(tag: str, given: str) -> bool:
    """The weak comparison that `If-None-Match` asks for (RFC 9110 §13.1.2)."""
    return tag.removeprefix("W/") in {each.removeprefix("W/") for each in parse_etags(given)}


class EntityTags:
    """View mixin: every 200 answer to a GET carries its tag; a matching `If-None-Match` gets 304 without a body."""

    #: Members whose value follows from the others and the time of the request.
    ticking: frozenset[str] = frozenset()

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if request.method in SAFE and response.status_code == status.HTTP_200_OK and hasattr(response, "data"):
            tag = self._tag_of(response)
            response["ETag"] = tag
            if _matches(tag, request.headers.get("If-None-Match", "")):
                response.status_code = status.HTTP_304_NOT_MODIFIED
                response.data = None
                response.content = response.rendered_content
        return response

    def _tag_of(self, response: Any) -> str:
        if self.ticking:
            return weak_etag_of(response.data, self.ticking)
        if response.accepted_media_type == JSONRenderer.media_type:  # as it is sent, so that it is written once
            return _etag_of_bytes(response.render().content)
        return etag_of(response.data)
