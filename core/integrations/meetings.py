"""Where people meet. A provider gives a link; which one is used is decided here and nowhere else.

Source: product.md §7 "Meeting link".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

ROOM_BYTES = 16


@dataclass(frozen=True, slots=True)
class MeetingLink:
    url: str
    provider: str


class MeetingProvider(Protocol):
    def create_link(self) -> MeetingLink: ...


@dataclass(frozen=True, slots=True)
class JitsiRooms:
    """A room of its own for each meeting; its name is 128 random bits, so nobody walks in by guessing."""

    base_url: str

    def create_link(self) -> MeetingLink:
        return MeetingLink(f"{self.base_url}/{secrets.token_hex(ROOM_BYTES)}", "jitsi")


@dataclass(frozen=True, slots=True)
class StandingRoom:
    """The one address that a host typed into her profile."""

    url: str

    def create_link(self) -> MeetingLink:
        return MeetingLink(self.url, "manual")


def provider_for(standing_url: str) -> MeetingProvider:
    """The host's standing room when she has one, else Jitsi at `JITSI_BASE_URL`."""
    return StandingRoom(standing_url) if standing_url else JitsiRooms(settings.JITSI_BASE_URL)
