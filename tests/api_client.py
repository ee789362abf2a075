"""The product over HTTP, as a script uses it: a token in a header, answers checked."""

from __future__ import annotations

import functools
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import requests
import yaml
from django.urls import Resolver404
from rest_framework.test import APIClient

from tests.database import as_system
from users.models import User
from users.secrets import digest_of, new_secret


class ApiClient:
    """One person's script against a running site."""

    def __init__(self, site: str, person: User) -> None:
        secret = new_secret()
        with as_system():
            person.access_tokens.create(name="script", digest=digest_of(secret), created_at=person.created_at)
        self._base = f"{site}/api/v1/"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {secret}"

    def get(self, path: str, *, expect: int = 200) -> Any:
        answer = self._session.get(self._base + path, timeout=20)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any], *, expect: int) -> Any:
        answer = self._session.post(self._base + path, json=body, timeout=20)
        assert answer.status_code == expect, answer.text
        return answer.json()

    def stream(self, path: str, *, after: int | None = None) -> Generator[tuple[int, str], None, None]:
        """Number and name of each event, as it comes; `after` is the last number that was had. Close it."""
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with self._session.get(self._base + path, headers=headers, stream=True, timeout=20) as answer:
            assert answer.status_code == 200, answer.text
            number = 0
            for line in answer.iter_lines(chunk_size=1):
                name, _, value = line.decode().partition(": ")
                if name == "id":
                    number = int(value)
                elif name == "event":
                    yield number, value


@functools.cache
def documented() -> dict[tuple[str, str], frozenset[str]]:
    """Method and path of openapi.yaml → the statuses that it names."""
    schema = yaml.load((Path(__file__).parents[1] / "openapi.yaml").read_text(), yaml.CSafeLoader)
    return {
        (method.upper(), path): frozenset(operation["responses"])
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    }


def _template(answer: Any) -> str | None:
    """The path as the schema writes it; None where no address of ours was asked."""
    try:
        route = answer.resolver_match.route
    except (AttributeError, Resolver404):
        return None
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


class DocumentedClient(APIClient):
    """A client to which every answer must be one that the schema names, whatever the test is about."""

    def request(self, **kwargs: Any) -> Any:
        answer = super().request(**kwargs)
        path = _template(answer)
        if path is not None:
            statuses = documented().get((kwargs["REQUEST_METHOD"], path), frozenset())
            is_known = not statuses or answer.status_code >= 500 or str(answer.status_code) in statuses
            assert is_known, (
                f"{kwargs['REQUEST_METHOD']} {path} answers {answer.status_code}: the schema has {statuses}"
            )
        return answer
