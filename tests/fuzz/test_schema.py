"""The REST interface keeps what its schema says, whatever is sent: no 500, no answer that is not documented.

Requests are made by schemathesis from the schema, valid ones and others, for each operation as somebody who may call it
and with ids of her own rows in the address. `FUZZ_EXAMPLES` is the number of each kind for each operation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import schemathesis
import yaml
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.tenancy.identity import Role
from tests.architecture.addresses import addresses
from tests.database import as_system
from tests.tenancy.test_endpoints import PARAMETER, SCHEMA, row_of, world
from tests.tenancy.world import World
from users.models import User
from users.secrets import digest_of, new_secret

__all__ = ["world"]

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "4"))
SEED: Final = 20260301
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
ACTORS: Final = {
    Role.ANON: None,
    Role.PERSON: "person",
    Role.STUDENT: "student",
    Role.MENTOR: "mentor",
    Role.DIRECTOR: "director",
}


def roles() -> dict[str, Role]:
    """The role of each path, as the schema writes it."""
    found = {}
    for address in addresses():
        if address.is_api and address.declared_role is not None:
            found["/" + PARAMETER.sub(r"{\2}", address.route)] = address.declared_role
    return found


ROLES: Final = roles()


def bearer(person: User) -> dict[str, str]:
    secret = new_secret()
    with as_system():
        person.access_tokens.create(name="fuzz", digest=digest_of(secret), created_at=person.created_at)
    return {"Authorization": f"Bearer {secret}"}


def operations(role: Role, id_of: Callable[[str, str], str]) -> Iterator[Any]:
    """Those of a role, with her own ids for the ones in the address. Who asks is settled: credentials are no data."""
    raw = yaml.load(SCHEMA.read_text(), yaml.CSafeLoader)
    raw["paths"] = {path: methods for path, methods in raw["paths"].items() if ROLES[path] is role}
    for path, methods in raw["paths"].items():
        for operation in methods.values():
            operation.pop("security", None)
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"].endswith("_id"):
                    parameter["schema"] = {"type": "string", "enum": [id_of(parameter["name"], path)]}
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = get_wsgi_application()
    for each in schema.get_all_operations():
        operation = each.ok()  # type: ignore[union-attr]
        if not operation.path.endswith("/stream"):
            yield operation


@pytest.mark.parametrize("role", ACTORS)
def test_keeps_the_schema(world: World, role: Role) -> None:
    actor = ACTORS[role]
    person = world.mine.people[actor] if actor else None
    headers = bearer(person) if person else {}
    broken, tried = [], 0

    def own(name: str, path: str) -> str:
        return row_of(name, path, world.mine, actor or "")

    for operation in operations(role, own):
        for mode in MODES:
            calls, fault = fuzzed(operation, mode, headers)
            tried += calls
            broken += [fault] if fault else []
    assert tried > 10
    assert not broken, "\n\n".join(broken)


def fuzzed(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> tuple[int, str]:
    """How many requests were made, and what was wrong with the simplest that went wrong."""
    calls = 0

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        nonlocal calls
        calls += 1
        cache.clear()
        case.call_and_validate(headers=headers, checks=list(CHECKS))

    try:
        call()
    except Unsatisfiable:
        # Nothing can be wrong about a request that takes nothing.
        return calls, ""
    except BaseExceptionGroup as error:
        return calls, f"{mode} {operation.label}: " + " | ".join(str(each)[:700] for each in error.exceptions)
    except Exception as error:  # noqa: BLE001 - each fault is listed with its operation
        return calls, f"{mode} {operation.label}: {type(error).__name__} {str(error)[:700]}"
    return calls, ""
