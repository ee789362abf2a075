"""Zoom meetings, by the documented server-to-server OAuth and the meetings of its API.

https://developers.zoom.us/docs/internal-apps/s2s-oauth/ and https://developers.zoom.us/docs/api/meetings/ (POST
/users/{userId}/meetings; PATCH and DELETE /meetings/{meetingId}). Called from tasks alone: the network answers when it
will.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

TIMEOUT_SECONDS = 10
#: A meeting at a time (Zoom's `type`).
SCHEDULED = 2
LONGEST_TOPIC = 200
NOT_FOUND = 404


class ZoomFailed(Exception):
    """Zoom could not be reached or refused. The text is for the row and the log, and holds no secret."""


class MeetingGone(ZoomFailed):
    """Zoom knows no such meeting: somebody deleted it there."""


@dataclass(frozen=True, slots=True)
class ZoomMeeting:
    """Zoom's id of it, and the link under which people join."""

    id: str
    link: str


@dataclass(frozen=True, slots=True)
class ZoomAccount:
    """An app of the account's own; `user` is whose meetings they are, or `me`."""

    account_id: str
    client_id: str
    client_secret: str = field(repr=False)
    user: str = "me"
    oauth_url: str = "https://zoom.us/oauth/token"
    api_url: str = "https://api.zoom.us/v2"

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> ZoomAccount:
        """Raises TypeError for a setting that is missing or unknown."""
        return cls(**settings)


def create_zoom_meeting(account: ZoomAccount, *, topic: str, starts_at: datetime, minutes: int) -> ZoomMeeting:
    """`starts_at` is aware. Raises ZoomFailed."""
    settings = {"join_before_host": True, "waiting_room": False}
    try:
        made = _call(
            account,
            "POST",
            f"/users/{account.user}/meetings",
            {"type": SCHEDULED, "settings": settings, **_when(topic, starts_at, minutes)},
        ).json()
        number, link = made["id"], made["join_url"]
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise ZoomFailed(_words(error)) from error
    if not isinstance(link, str) or not link.startswith("https://"):
        raise ZoomFailed("Zoom answered without a link.")
    if not isinstance(number, int):
        raise ZoomFailed("Zoom answered without an id.")
    return ZoomMeeting(str(number), link)


def move_zoom_meeting(account: ZoomAccount, meeting_id: str, *, topic: str, starts_at: datetime, minutes: int) -> None:
    """The link stays. `starts_at` is aware. Raises MeetingGone, ZoomFailed."""
    _change(account, "PATCH", meeting_id, _when(topic, starts_at, minutes))


def delete_zoom_meeting(account: ZoomAccount, meeting_id: str) -> None:
    """Nothing happens when it is gone already. Raises ZoomFailed."""
    with suppress(MeetingGone):
        _change(account, "DELETE", meeting_id)


def _change(account: ZoomAccount, method: str, meeting_id: str, content: Mapping[str, Any] | None = None) -> None:
    try:
        _call(account, method, f"/meetings/{meeting_id}", content)
    except requests.HTTPError as error:
        is_gone = error.response is not None and error.response.status_code == NOT_FOUND
        raise (MeetingGone if is_gone else ZoomFailed)(_words(error)) from error
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise ZoomFailed(_words(error)) from error


def _when(topic: str, starts_at: datetime, minutes: int) -> dict[str, Any]:
    return {
        "topic": topic[:LONGEST_TOPIC],
        "start_time": f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "duration": minutes,
        "timezone": "UTC",
    }


def _call(account: ZoomAccount, method: str, path: str, content: Mapping[str, Any] | None) -> requests.Response:
    token = _ask(
        "POST",
        account.oauth_url,
        params={"grant_type": "account_credentials", "account_id": account.account_id},
        auth=(account.client_id, account.client_secret),
    ).json()["access_token"]
    return _ask(method, f"{account.api_url}{path}", headers={"Authorization": f"Bearer {token}"}, json=content)


def _ask(method: str, url: str, **given: Any) -> requests.Response:
    answer = requests.request(method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **given)
    answer.raise_for_status()
    return answer


def _words(error: Exception) -> str:
    """Without the address: it names the account."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"Zoom answered {error.response.status_code}."
    return f"Zoom could not be asked: {type(error).__name__}."
