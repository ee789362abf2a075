"""Where people meet. A provider gives a link; which one is used is decided here and nowhere else.

Source: product.md §7.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

ROOM_BYTES = 16
ZOOM = "zoom"


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


@dataclass(frozen=True, slots=True)
class LaterAtZoom:
    """No link yet: a task asks Zoom once the booking is committed, and again while Zoom does not answer."""

    def create_link(self) -> MeetingLink:
        return MeetingLink("", ZOOM)


def provider_for(standing_url: str) -> MeetingProvider:
    """The host's standing room when she has one, else Zoom when `ZOOM` is set, else Jitsi at `JITSI_BASE_URL`."""
    if standing_url:
        return StandingRoom(standing_url)
    return LaterAtZoom() if settings.ZOOM else JitsiRooms(settings.JITSI_BASE_URL)
