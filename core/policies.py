from core.erasure import FUNCTIONS as ERASURE
from core.stream.sql import FUNCTIONS, GRANTS
from core.tenancy.audit import NOTE_CHANGE
from core.tenancy.identity import Role
from core.tenancy.spec import UID, Allow, Policies, everybody, staff

#: The instant at which a local day begins. Where the clocks go back over midnight it comes twice, and the first one
#: counts; where they go forward over it, the day begins when they do.
DAY_BEGINS = """
CREATE OR REPLACE FUNCTION app.day_begins(p_day date, p_zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN ((p_day::timestamp AT TIME ZONE p_zone) - interval '1 hour') AT TIME ZONE p_zone >= p_day
    THEN (p_day::timestamp AT TIME ZONE p_zone) - interval '1 hour' ELSE p_day::timestamp AT TIME ZONE p_zone END $$"""

PEOPLE = (Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR)
ANYBODY = dict.fromkeys(Role, "r")

POLICIES = Policies(
    tenant={
        # Written and read through append_events, events_after and stream_open alone.
        "core_streamcounter": (Allow(Role.ADMIN, "r", "true"), Allow(Role.SYSTEM, "rcud", "true")),
        "core_streamevent": (Allow(Role.ADMIN, "r", "true"), Allow(Role.SYSTEM, "rcud", "true")),
        # Written by its trigger alone.
        "core_auditentry": (Allow(Role.ADMIN, "r", "true"), Allow(Role.SYSTEM, "r", "true")),
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
    functions=(*FUNCTIONS, DAY_BEGINS, NOTE_CHANGE, *ERASURE),
    execute={signature: tuple(Role(role.removeprefix("app_")) for role in roles) for signature, roles in GRANTS.items()}
    | {"app.day_begins(date, text)": (Role.SYSTEM,)},
)
