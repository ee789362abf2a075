"""Addresses that carry a secret."""

from django.conf import settings
from django.urls import reverse

from users.enums import TokenPurpose


def one_time_link(purpose: TokenPurpose, secret: str) -> str:
    """The page on which the holder of this secret sets her password."""
    path = reverse("set-password", kwargs={"purpose": purpose.value, "token": secret})
    return f"{settings.SITE_URL}{path}"


def calendar_link(secret: str) -> str:
    """Where calendars read the sessions of whoever holds this secret."""
    return f"{settings.SITE_URL}{reverse('calendar-feed', kwargs={'secret': secret})}"
