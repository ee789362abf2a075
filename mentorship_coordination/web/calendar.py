"""A person's calendar at an address that only she knows; programs read it without signing in."""

from __future__ import annotations

from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from core import clock
from core.errors import NotVisible
from core.tenancy.identity import Role
from mentorship_coordination.selectors.calendar_feed import get_feed
from users.secrets import digest_of


@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    try:
        body = get_feed(digest_of(secret), clock.now())
    except NotVisible as error:
        raise Http404 from error
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={
            "ETag": etag,
            "Cache-Control": "private, no-cache",
            "Content-Disposition": 'inline; filename="mentorship.ics"',
        },
    )
    return get_conditional_response(request, etag=etag, response=answer) or answer


calendar_feed.acts_as = Role.ANON  # type: ignore[attr-defined]
