from core.stream.sql import FUNCTIONS, GRANTS
from core.tenancy.identity import Role
from core.tenancy.spec import UID, Allow, Policies, everybody, staff

PEOPLE = (Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR)
ANYBODY = dict.fromkeys(Role, "r")

POLICIES = Policies(
    tenant={
        # Written and read through append_events, events_after and stream_open alone.
        "core_streamcounter": (Allow(Role.ADMIN, "r", "true"), Allow(Role.SYSTEM, "rcud", "true")),
        "core_streamevent": (Allow(Role.ADMIN, "r", "true"), Allow(Role.SYSTEM, "rcud", "true")),
        "core_idempotencykey": (*(Allow(role, "rcu", f"person_id = {UID}") for role in PEOPLE), *staff()),
    },
    shared={
        "core_heartbeat": ANYBODY | {Role.SYSTEM: "rcud"},
        "django_migrations": ANYBODY,
        "django_content_type": everybody("r"),
        "auth_permission": {Role.ADMIN: "r", Role.SYSTEM: "rcud"},
        "auth_group": {Role.ADMIN: "r", Role.SYSTEM: "rcud"},
        "auth_group_permissions": {Role.ADMIN: "r", Role.SYSTEM: "rcud"},
        "django_admin_log": {Role.ADMIN: "rc", Role.SYSTEM: "rcud"},
    },
    functions=FUNCTIONS,
    execute={
        signature: tuple(Role(role.removeprefix("app_")) for role in roles) for signature, roles in GRANTS.items()
    },
)
