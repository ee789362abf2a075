"""Who may do what in this app. The functions and triggers are in `sql_functions.py`."""

from core.tenancy.identity import Role
from core.tenancy.spec import MY_COHORTS, MY_MENTEES, MY_MENTORS, UID, Allow, Audited, Policies, everybody, staff
from mentorship_coordination.sql_functions import EXECUTE, FUNCTIONS, TRIGGERS

MINE = f"mentor_id = {UID}"
OF_ME = f"mentee_id = {UID}"
DIRECTED = f"cohort_id = {MY_COHORTS}"
OWN_PERSON = f"person_id = {UID}"
OF_VISIBLE_ITEM = "item_id IN (SELECT i.id FROM public.mentorship_coordination_mentorworkqueue i)"
OF_VISIBLE_SESSION = "session_id IN (SELECT s.id FROM public.mentorship_coordination_mentorsession s)"
#: The same for students, whose own sessions no single index finds: one row is asked for by its key.
OF_HER_SESSION = "EXISTS (SELECT FROM public.mentorship_coordination_mentorsession s WHERE s.id = session_id)"
#: Of a group of several cohorts a director reads her own students' attendance, and no rating.
OF_DIRECTED_SESSION = f"""session_id IN (
  SELECT s.id FROM public.mentorship_coordination_mentorsession s WHERE s.{DIRECTED})"""
OF_DIRECTED_ENROLMENT = "enrolment_id IN (SELECT e.id FROM public.users_enrolment e)"
#: By its key, as above: no single index finds the flags that somebody sees.
OF_VISIBLE_FLAG = "EXISTS (SELECT FROM public.mentorship_coordination_mentorflag f WHERE f.id = flag_id)"
OF_VISIBLE_PAIR = "assignment_id IN (SELECT a.id FROM public.mentorship_coordination_menteementorassignment a)"
OF_VISIBLE_RUN = "run_id IN (SELECT r.id FROM public.mentorship_coordination_matchrun r)"
#: A run over all cohorts shows each director what it says of hers; only runs of her cohorts are hers to write to.
#: Which cohorts those are the job asks when it reads the pool, not the row.
OVER_MY_COHORTS = f"cohort_id IS NULL AND requested_by_id = {UID} AND options->>'scope' = 'mine'"
ASKED_FOR = f"requested_by_id = {UID} AND state = 'requested'"
ATTENDS = "id IN (SELECT p.session_id FROM public.mentorship_coordination_sessionparticipant p)"
PEOPLE = (Role.PERSON, Role.STUDENT, Role.MENTOR, Role.DIRECTOR)

#: A mentor works an item off; what it is, whom it concerns and how long it may take is not hers to change.
WORKED = (
    "status", "outcome", "closed_reason", "completed_at", "completed_by_id", "claimed_by_id", "lease_until",
    "snoozed_until", "rank", "rank_reasons", "due_at", "remaining_seconds", "warn_75_at", "warn_90_at",
    "next_cross_at", "band", "breached_at", "updated_at", "revision",
)  # fmt: skip
DIRECTED_WORK = (*WORKED, "mentor_id")

#: Whom a row is about is settled when it is made, and agrees with an enrolment that its writer can see. The
#: sub-selects run under the writer's role.
OF_VISIBLE_ENROLMENT = """(enrolment_id, mentee_id, cohort_id) IN (
  SELECT e.id, e.student_id, e.cohort_id FROM public.users_enrolment e)"""
OF_CURRENT_MENTOR = """(mentor_id IS NULL OR (enrolment_id, mentor_id) IN (
  SELECT a.enrolment_id, a.mentor_id FROM public.mentorship_coordination_menteementorassignment a
  WHERE a.state IN ('active', 'paused')))"""
WITH_MENTEES = f"""{MINE} AND (
  {OF_VISIBLE_ENROLMENT} AND assignment_id IN (
    SELECT a.id FROM public.mentorship_coordination_menteementorassignment a)
  OR mentee_id IS NULL AND enrolment_id IS NULL AND assignment_id IS NULL AND (
    cohort_id IS NULL OR cohort_id IN (SELECT e.cohort_id FROM public.users_enrolment e)))"""
COMES = f"""{OF_VISIBLE_SESSION} AND (person_id = {UID} AND enrolment_id IS NULL
  OR (enrolment_id, person_id) IN (SELECT e.id, e.student_id FROM public.users_enrolment e))"""

#: What may change in a row afterwards; the rest of it stays as it was made.
PAIR_MOVES = (
    "state", "started_at", "ended_at", "end_reason", "ended_harmfully", "ended_by_id", "revision",
)  # fmt: skip
MEETING = (
    "title", "type", "status", "starts_at", "ends_at", "sequence", "meeting_url", "meeting_provider", "agenda",
    "is_late_cancel", "closed_at", "closed_by_id", "close_reason", "updated_at", "revision",
)  # fmt: skip
HANDLED_FLAG = (
    "severity", "state", "director_notified_at", "acknowledged_at", "resolved_at", "outcome", "note", "updated_at",
    "revision",
)  # fmt: skip

#: Of a student with a mentor and a stand-in both see what is worrying: a flag that was open while the pair worked.
#: Else one of them would not hear of it, and could raise no other of its category.
SHARED_WORRY = f"""({MINE} OR EXISTS (
  SELECT FROM public.mentorship_coordination_menteementorassignment pair
  WHERE pair.enrolment_id = mentorship_coordination_mentorflag.enrolment_id AND pair.mentor_id = {UID}
    AND pair.state = 'active' AND (pair.is_primary OR pair.stands_in_until IS NOT NULL)
    AND (resolved_at IS NULL OR resolved_at >= pair.started_at)))"""

TENANT: dict[str, tuple[Allow, ...]] = {
    "menteementorassignment": (
        Allow(Role.STUDENT, "r", OF_ME),
        Allow(Role.MENTOR, "r", f"{MINE} AND state IN ('pending', 'active', 'paused')"),
        Allow(Role.DIRECTOR, "r", DIRECTED),
        Allow(Role.DIRECTOR, "c", f"{DIRECTED} AND {OF_VISIBLE_ENROLMENT}"),
        Allow(Role.DIRECTOR, "u", DIRECTED, columns=PAIR_MOVES),
        *staff(),
    ),
    "assignmententry": (
        Allow(Role.DIRECTOR, "r", OF_VISIBLE_PAIR),
        Allow(Role.DIRECTOR, "c", f"by_id = {UID} AND {OF_VISIBLE_PAIR}"),
        *staff(),
    ),
    "matchexclusion": (
        Allow(Role.DIRECTOR, "rcd", "mentee_id = ANY ((SELECT app.my_students())::uuid[])"),
        *staff(),
    ),
    "mentorabsence": (
        Allow(Role.MENTOR, "rcud", MINE),
        Allow(Role.STUDENT, "r", f"mentor_id = {MY_MENTORS}"),
        Allow(Role.DIRECTOR, "rcu", "true"),
        *staff(),
    ),
    # The plan and the start are the system's: it sees every cohort, and looks whether the asker may ask.
    "mentorhandover": (
        Allow(Role.DIRECTOR, "r", f"requested_by_id = {UID}"),
        Allow(
            Role.DIRECTOR,
            "c",
            f"""requested_by_id = {UID} AND state = 'requested' AND NOT ends_account AND mentor_id IN (
              SELECT a.mentor_id FROM public.mentorship_coordination_menteementorassignment a
              WHERE a.state IN ('pending', 'active', 'paused'))""",
        ),
        Allow(
            Role.DIRECTOR, "u", f"requested_by_id = {UID}", columns=("state", "started_at", "finished_at", "revision")
        ),
        *staff(),
    ),
    # Written by the check alone, which sees every cohort.
    "capacityepisode": (
        Allow(Role.MENTOR, "r", MINE),
        Allow(
            Role.DIRECTOR,
            "r",
            "mentor_id IN (SELECT a.mentor_id FROM public.mentorship_coordination_menteementorassignment a)",
        ),
        *staff(),
    ),
    "availabilityoverride": (
        *(Allow(role, "rcud", OWN_PERSON) for role in PEOPLE),
        Allow(Role.MENTOR, "r", f"person_id = {MY_MENTEES}"),
        Allow(Role.STUDENT, "r", f"person_id = {MY_MENTORS}"),
        *staff(),
    ),
    "mentorworkqueue": (
        Allow(Role.MENTOR, "ru", MINE, columns=WORKED),
        Allow(Role.DIRECTOR, "ru", DIRECTED, columns=DIRECTED_WORK),
        *staff(),
    ),
    "slapause": (
        Allow(Role.MENTOR, "rcu", OF_VISIBLE_ITEM, columns=("closed_at",)),
        Allow(Role.DIRECTOR, "rcu", OF_VISIBLE_ITEM, columns=("closed_at",)),
        *staff(),
    ),
    "mentorsession": (
        Allow(Role.MENTOR, "ru", MINE, columns=MEETING),
        Allow(Role.MENTOR, "c", WITH_MENTEES),
        Allow(Role.STUDENT, "r", OF_ME),
        Allow(Role.STUDENT, "r", ATTENDS),
        Allow(Role.DIRECTOR, "r", DIRECTED),
        Allow(Role.DIRECTOR, "r", "cohort_id IS NULL AND id = ANY ((SELECT app.my_disputed_groups())::uuid[])"),
        *staff(),
    ),
    "sessionparticipant": (
        Allow(Role.MENTOR, "ru", OF_VISIBLE_SESSION, columns=("during", "is_active", "attended")),
        Allow(Role.MENTOR, "c", COMES),
        Allow(Role.STUDENT, "r", OWN_PERSON),
        Allow(Role.DIRECTOR, "r", f"{OF_VISIBLE_SESSION} AND (enrolment_id IS NULL OR {OF_DIRECTED_ENROLMENT})"),
        *staff(),
    ),
    # No rule for mentors: app.satisfaction tells a mentor the mean of many.
    "sessionrating": (
        Allow(Role.STUDENT, "r", f"student_id = {UID}"),
        Allow(Role.DIRECTOR, "r", OF_DIRECTED_SESSION),
        *staff(),
    ),
    "sessionnote": (
        Allow(Role.MENTOR, "r", OF_VISIBLE_SESSION),
        Allow(Role.MENTOR, "cu", f"{OF_VISIBLE_SESSION} AND author_id = {UID}"),
        Allow(Role.STUDENT, "r", f"NOT is_private AND {OF_HER_SESSION}"),
        *staff(),
    ),
    "sessionactionitem": (
        Allow(Role.MENTOR, "ru", OF_VISIBLE_SESSION, columns=("text", "due_date", "done_at")),
        Allow(Role.MENTOR, "c", f"{OF_VISIBLE_SESSION} AND (owner_id = {UID} OR owner_id = {MY_MENTEES})"),
        # In a group, nobody reads what another mentee is to do.
        Allow(Role.STUDENT, "r", f"{OF_HER_SESSION} AND (owner_id = {UID} OR owner_id = {MY_MENTORS})"),
        Allow(Role.STUDENT, "u", f"owner_id = {UID}", columns=("done_at",)),
        *staff(),
    ),
    # No rule for students: a flag does not exist for the person it is about.
    "mentorflag": (
        Allow(Role.MENTOR, "ru", SHARED_WORRY, columns=HANDLED_FLAG),
        Allow(Role.MENTOR, "c", f"{MINE} AND author_id = {UID} AND {OF_VISIBLE_ENROLMENT}"),
        Allow(Role.DIRECTOR, "ru", DIRECTED, columns=HANDLED_FLAG),
        Allow(
            Role.DIRECTOR,
            "c",
            f"{DIRECTED} AND author_id = {UID} AND {OF_VISIBLE_ENROLMENT} AND {OF_CURRENT_MENTOR}",
        ),
        *staff(),
    ),
    "mentorflagentry": (
        Allow(Role.MENTOR, "r", OF_VISIBLE_FLAG),
        Allow(Role.MENTOR, "c", f"by_id = {UID} AND {OF_VISIBLE_FLAG}"),
        Allow(Role.DIRECTOR, "r", OF_VISIBLE_FLAG),
        Allow(Role.DIRECTOR, "c", f"by_id = {UID} AND {OF_VISIBLE_FLAG}"),
        *staff(),
    ),
    "matchrun": (
        Allow(Role.DIRECTOR, "ru", DIRECTED, columns=("state", "options")),
        Allow(Role.DIRECTOR, "ru", OVER_MY_COHORTS, columns=("state", "options")),
        Allow(Role.DIRECTOR, "r", "cohort_id IS NULL AND options->>'scope' = 'all'"),
        Allow(Role.DIRECTOR, "c", f"{ASKED_FOR} AND ({DIRECTED} OR {OVER_MY_COHORTS})"),
        *staff(),
    ),
    # Written by the job that solves and publishes.
    "matchproposal": (Allow(Role.DIRECTOR, "r", f"{DIRECTED} AND {OF_VISIBLE_RUN}"), *staff()),
    "matchfilling": (Allow(Role.DIRECTOR, "r", OF_VISIBLE_RUN), *staff()),
    # Written through app.notify; a person marks her own as read.
    "notification": (
        *(Allow(role, "ru", f"recipient_id = {UID}", columns=("read_at",)) for role in PEOPLE),
        *staff(),
    ),
    "feedbacksnippet": (Allow(Role.MENTOR, "rcud", MINE), *staff()),
    "decisionsnooze": (Allow(Role.DIRECTOR, "rcud", f"director_id = {UID}"), *staff()),
}

#: Service levels, hours and what a match is worth: who changed them is kept.
AUDITED = {
    "mentorship_coordination_slapolicy": Audited(
        ("type", "track_id", "priority", "budget_seconds", "calendar_id", "is_current")
    ),
    "mentorship_coordination_businesscalendar": Audited(("name", "timezone", "windows", "holidays", "is_current")),
    "mentorship_coordination_matchweights": Audited(("version", "values", "note")),
    "mentorship_coordination_matchexclusion": Audited(("mentor_id", "mentee_id", "reason")),
}

POLICIES = Policies(
    tenant={f"mentorship_coordination_{table}": rules for table, rules in TENANT.items()},
    shared={
        "mentorship_coordination_slapolicy": everybody("r"),
        "mentorship_coordination_businesscalendar": everybody("r"),
        "mentorship_coordination_matchweights": everybody("r"),
    },
    functions=FUNCTIONS,
    execute=EXECUTE,
    triggers=TRIGGERS,
    audited=AUDITED,
)
