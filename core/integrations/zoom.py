"""Zoom meetings, by the documented server-to-server OAuth and "create a meeting" of its API.

https://developers.zoom.us/docs/internal-apps/s2s-oauth/ and https://developers.zoom.us/docs/api/meetings/ (POST
/users/{userId}/meetings). Called from tasks alone: the network answers when it will.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

TIMEOUT_SECONDS = 10
#: A meeting at a time (Zoom's `type`).
SCHEDULED = 2
LONGEST_TOPIC = 200


class MeetingNotMade(Exception):
    """Zoom could not be reached or refused. The text is for the row and the log, and holds no secret."""


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


def create_zoom_meeting(account: ZoomAccount, *, topic: str, starts_at: datetime, minutes: int) -> str:
    """The link under which people join. `starts_at` is aware. Raises MeetingNotMade."""
    try:
        token = _post(
            account.oauth_url,
            params={"grant_type": "account_credentials", "account_id": account.account_id},
            auth=(account.client_id, account.client_secret),
        )["access_token"]
        made = _post(
            f"{account.api_url}/users/{account.user}/meetings",
            headers={"Authorization": f"Bearer {token}"},
            json={
                "topic": topic[:LONGEST_TOPIC],
                "type": SCHEDULED,
                "start_time": f"{starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "duration": minutes,
                "timezone": "UTC",
                "settings": {"join_before_host": True, "waiting_room": False},
            },
        )
        link = made["join_url"]
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise MeetingNotMade(_words(error)) from error
    if not isinstance(link, str) or not link.startswith("https://"):
        raise MeetingNotMade("Zoom answered without a link.")
    return link


def _post(url: str, **given: Any) -> Any:
    answer = requests.post(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **given)
    answer.raise_for_status()
    return answer.json()


def _words(error: Exception) -> str:
    """Without the address: it names the account."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"Zoom answered {error.response.status_code}."
    return f"Zoom could not be asked: {type(error).__name__}."
