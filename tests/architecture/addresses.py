"""Every address of the product, found by walking the URL configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

from core.tenancy.identity import Role

#: What stands for a parameter, by the name of its converter. No row has this id.
SAMPLES = {
    "UUIDConverter": str(UUID(int=7)),
    "StringConverter": "unknown",
    "SlugConverter": "unknown",
    "IntConverter": "7",
    "TokenPurposeConverter": "invitation",
    "DayConverter": "2026-03-06",
}
ADMIN = "admin/"


@dataclass(frozen=True)
class Address:
    route: str
    path: str
    view: Callable[..., Any]

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def declared_role(self) -> Role | None:
        """The role as the view itself, or its class, says it; None when it is left to the middleware's default."""
        for holder in (self.view, getattr(self.view, "cls", None), getattr(self.view, "view_class", None)):
            role = getattr(holder, "acts_as", None)
            if role is not None:
                return Role(role)
        return None


def addresses() -> list[Address]:
    """All but those of the admin, which acts as the admin throughout."""
    patterns = [pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) != ADMIN]
    return list(_walk(patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], route: str, path: str) -> Iterator[Address]:
    for pattern in patterns:
        here = str(pattern.pattern)
        filled = here
        for name, converter in pattern.pattern.converters.items():
            filled = _fill(filled, name, SAMPLES[type(converter).__name__])
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route + here, path + filled)
        else:
            yield Address(route + here, f"/{path}{filled}", pattern.callback)


def _fill(route: str, name: str, value: str) -> str:
    before, _, rest = route.partition(f":{name}>")
    return f"{before[: before.rindex('<')]}{value}{rest}"
