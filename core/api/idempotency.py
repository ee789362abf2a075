"""`Idempotency-Key`: a creating POST that is sent again gets the first answer again, and does nothing twice.

The row is written in the transaction of what it created. Two requests at once: the second waits on the unique index
until the first commits. Only 2xx answers are kept.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.db import connection
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.errors import RuleBroken
from core.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST = 200


def body_digest(request: Request) -> bytes:
    """SHA-256 over what was sent: the raw body, or names and contents of an upload's parts."""
    digest = sha256()
    if request.content_type.startswith("multipart/"):
        for name, values in sorted(request.POST.lists()):
            digest.update(json.dumps([name, values]).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(json.dumps([name, file.name, file.size]).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(JSONRenderer().render(request.data))
    return digest.digest()


def claim(request: Request, key: str) -> tuple[int, Response | None]:
    """Take the key for this request: (row id, None), or (row id, the stored answer)."""
    digest = body_digest(request)
    values = [request.user.pk, key, request.method, request.path, digest, clock.now()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (person_id, key, method, path, body_digest, created_at) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (person_id, key) DO NOTHING RETURNING id",
            values,
        )
        taken = cursor.fetchone()
    if taken is not None:
        return taken[0], None
    kept = IdempotencyKey.objects.get(person=request.user.pk, key=key)
    same = kept.path == request.path and kept.method == request.method and bytes(kept.body_digest) == digest
    if not same or kept.status is None:
        raise RuleBroken("This Idempotency-Key was used for another request.", code="idempotency_key_reused")
    return kept.pk, Response(kept.answer, status=kept.status, headers={"Idempotent-Replayed": "true"})


class IdempotentCreates:
    """View mixin for creating POSTs. Works because the HTTP edge owns one transaction around it all."""

    _idempotency_row: int | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        self._stored_answer: Response | None = None
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return
        if not key.strip() or len(key) > LONGEST or not key.isprintable():
            raise ValidationError({HEADER: [f"Give 1 to {LONGEST} printable characters."]})
        self._idempotency_row, self._stored_answer = claim(request, key)
        if self._stored_answer is not None:
            self.post = self._replay

    def _replay(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if self._stored_answer is None:
            raise LookupError("there is no stored answer to replay")
        return self._stored_answer

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if self._idempotency_row is None or self._stored_answer is not None:
            return response
        if 200 <= response.status_code < 300:
            answer = self.answer_to_keep(response)
            IdempotencyKey.objects.filter(pk=self._idempotency_row).update(status=response.status_code, answer=answer)
        return response

    def answer_to_keep(self, response: Response) -> Any:
        """What a retry is told. A view whose answer holds a secret keeps less: the table is no place for one."""
        return json.loads(JSONRenderer().render(response.data))
