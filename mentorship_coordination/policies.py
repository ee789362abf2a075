"""Who may do what in this app. The functions and triggers are in `sql_functions.py`."""

from core.tenancy.identity import Role
from core.tenancy.spec import MY_COHORTS, MY_MENTEES, UID, Allow, Policies, everybody, staff
from mentorship_coordination.sql_functions import EXECUTE, FUNCTIONS, TRIGGERS

MINE = f"mentor_id = {UID}"
OF_ME = f"mentee_id = {UID}"
DIRECTED = f"cohort_id = {MY_COHORTS}"
OWN_PERSON = f"person_id = {UID}"
OF_VISIBLE_ITEM = "item_id IN (SELECT i.id FROM public.mentorship_coordination_mentorworkqueue i)"
OF_VISIBLE_SESSION = "session_id IN (SELECT s.id FROM public.mentorship_coordination_mentorsession s)"
OF_VISIBLE_FLAG = "flag_id IN (SELECT f.id FROM public.mentorship_coordination_mentorflag f)"
OF_VISIBLE_RUN = "run_id IN (SELECT r.id FROM public.mentorship_coordination_matchrun r)"
ATTENDS = "id IN (SELECT p.session_id FROM public.mentorship_coordination_sessionparticipant p)"
PEOPLE = (Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR)

#: A mentor works an item off; what it is, whom it concerns and how long it may take is not hers to change.
WORKED = (
    "status", "outcome", "closed_reason", "completed_at", "completed_by_id", "claimed_by_id", "lease_until",
    "snoozed_until", "rank", "rank_reasons", "due_at", "remaining_seconds", "warn_75_at", "warn_90_at",
    "next_cross_at", "band", "breached_at", "updated_at", "revision",
)  # fmt: skip
DIRECTED_WORK = (*WORKED, "mentor_id")

TENANT: dict[str, tuple[Allow, ...]] = {
    "menteementorassignment": (
        Allow(Role.STUDENT, "r", OF_ME),
        Allow(Role.MENTOR, "r", f"{MINE} AND state IN ('pending', 'active', 'paused')"),
        Allow(Role.DIRECTOR, "rcu", DIRECTED),
        *staff(),
    ),
    "matchexclusion": (
        Allow(Role.DIRECTOR, "rcd", "mentee_id = ANY ((SELECT app.my_students())::uuid[])"),
        *staff(),
    ),
    "mentorabsence": (
        Allow(Role.MENTOR, "rcud", MINE),
        Allow(Role.STUDENT, "r", "mentor_id = ANY ((SELECT app.my_mentors())::uuid[])"),
        Allow(Role.DIRECTOR, "rcu", "true"),
        *staff(),
    ),
    "availabilityoverride": (
        *(Allow(role, "rcud", OWN_PERSON) for role in PEOPLE),
        Allow(Role.MENTOR, "r", f"person_id = {MY_MENTEES}"),
        Allow(Role.STUDENT, "r", "person_id = ANY ((SELECT app.my_mentors())::uuid[])"),
        *staff(),
    ),
    "mentorworkqueue": (
        Allow(Role.MENTOR, "ru", MINE, columns=WORKED),
        Allow(Role.DIRECTOR, "ru", DIRECTED, columns=DIRECTED_WORK),
        *staff(),
    ),
    "slapause": (
        Allow(Role.MENTOR, "rcu", OF_VISIBLE_ITEM),
        Allow(Role.DIRECTOR, "rcu", OF_VISIBLE_ITEM),
        *staff(),
    ),
    "mentorsession": (
        Allow(Role.MENTOR, "rcu", MINE),
        Allow(Role.STUDENT, "r", OF_ME),
        Allow(Role.STUDENT, "r", ATTENDS),
        Allow(Role.DIRECTOR, "r", DIRECTED),
        *staff(),
    ),
    "sessionparticipant": (
        Allow(Role.MENTOR, "rcu", OF_VISIBLE_SESSION),
        Allow(Role.STUDENT, "r", OWN_PERSON),
        Allow(Role.DIRECTOR, "r", OF_VISIBLE_SESSION),
        *staff(),
    ),
    "sessionnote": (
        Allow(Role.MENTOR, "r", OF_VISIBLE_SESSION),
        Allow(Role.MENTOR, "cu", f"{OF_VISIBLE_SESSION} AND author_id = {UID}"),
        Allow(Role.STUDENT, "r", f"NOT is_private AND {OF_VISIBLE_SESSION}"),
        *staff(),
    ),
    "sessionactionitem": (
        Allow(Role.MENTOR, "rcu", OF_VISIBLE_SESSION),
        Allow(Role.STUDENT, "r", OF_VISIBLE_SESSION),
        Allow(Role.STUDENT, "u", f"owner_id = {UID}", columns=("done_at",)),
        *staff(),
    ),
    # No rule for students: a flag does not exist for the person it is about.
    "mentorflag": (
        Allow(Role.MENTOR, "ru", MINE),
        Allow(Role.MENTOR, "c", f"{MINE} AND author_id = {UID} AND mentee_id = {MY_MENTEES}"),
        Allow(Role.DIRECTOR, "rcu", DIRECTED),
        *staff(),
    ),
    "mentorflagentry": (
        Allow(Role.MENTOR, "r", OF_VISIBLE_FLAG),
        Allow(Role.MENTOR, "c", f"by_id = {UID} AND {OF_VISIBLE_FLAG}"),
        Allow(Role.DIRECTOR, "r", OF_VISIBLE_FLAG),
        Allow(Role.DIRECTOR, "c", f"by_id = {UID} AND {OF_VISIBLE_FLAG}"),
        *staff(),
    ),
    "matchrun": (Allow(Role.DIRECTOR, "rcu", DIRECTED), *staff()),
    "matchproposal": (Allow(Role.DIRECTOR, "rcu", f"{DIRECTED} AND {OF_VISIBLE_RUN}"), *staff()),
    # Written through app.notify; a person marks her own as read.
    "notification": (
        *(Allow(role, "ru", f"recipient_id = {UID}", columns=("read_at",)) for role in PEOPLE),
        *staff(),
    ),
    "feedbacksnippet": (Allow(Role.MENTOR, "rcud", MINE), *staff()),
}

POLICIES = Policies(
    tenant={f"mentorship_coordination_{table}": rules for table, rules in TENANT.items()},
    shared={
        "mentorship_coordination_slapolicy": everybody("r"),
        "mentorship_coordination_businesscalendar": everybody("r"),
    },
    functions=FUNCTIONS,
    execute=EXECUTE,
    triggers=TRIGGERS,
)
