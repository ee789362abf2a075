from coaching.personal_data import ERASURES
from coaching.sql_functions import FUNCTIONS, TRIGGERS
from core.erasure import function_of
from core.tenancy.identity import Role
from core.tenancy.spec import MY_MENTEES, UID, Allow, Policies, staff

OWN = f"student_id = {UID}"
OF_MENTEE = f"student_id = {MY_MENTEES}"
OF_STUDENT = "student_id = ANY ((SELECT app.my_students())::uuid[])"
READERS = (
    Allow(Role.STUDENT, "r", OWN),
    Allow(Role.MENTOR, "r", OF_MENTEE),
    Allow(Role.DIRECTOR, "r", OF_STUDENT),
)
#: The sub-selects run under the writer's role: a row is about a habit, goal or enrolment that she can see.
OF_HER_HABIT = "(habit_id, student_id) IN (SELECT h.id, h.student_id FROM public.coaching_habit h)"
OF_HER_ENROLMENT = """(enrolment_id, student_id, cohort_id) IN (
  SELECT e.id, e.student_id, e.cohort_id FROM public.users_enrolment e)"""
OF_VISIBLE_GOAL = "(goal_id, student_id) IN (SELECT g.id, g.student_id FROM public.coaching_goal g)"
#: A streak is counted by the database, never written by whoever logs.
UNCOUNTED = """chain_end IS NULL AND streak_length = 0 AND longest_streak = 0 AND keep_by IS NULL
  AND lost_end IS NULL AND lost_length = 0"""

POLICIES = Policies(
    tenant={
        "coaching_habit": (
            *READERS,
            Allow(Role.STUDENT, "c", f"{OWN} AND {UNCOUNTED}"),
            Allow(Role.STUDENT, "u", OWN, columns=("name", "archived_on", "updated_at", "revision")),
            *staff(),
        ),
        "coaching_habitlog": (
            *READERS,
            Allow(Role.STUDENT, "c", f"{OWN} AND {OF_HER_HABIT}"),
            Allow(Role.STUDENT, "u", OWN, columns=("state", "note")),
            Allow(Role.STUDENT, "d", OWN),
            *staff(),
        ),
        # Noticed by the clock alone.
        "coaching_streakbreak": (*READERS, *staff()),
        "coaching_misseddeadline": (*READERS, *staff()),
        "coaching_goal": (
            *READERS,
            Allow(Role.STUDENT, "c", f"{OWN} AND state = 'open' AND overdue_since IS NULL AND {OF_HER_ENROLMENT}"),
            Allow(
                Role.STUDENT,
                "u",
                OWN,
                columns=(
                    "title", "description", "due_date", "state", "closed_at", "closed_date", "overdue_since",
                    "updated_at", "revision",
                ),
            ),
            *staff(),
        ),
        "coaching_goalfeedback": (
            *READERS,
            Allow(Role.MENTOR, "c", f"{OF_MENTEE} AND author_id = {UID} AND {OF_VISIBLE_GOAL}"),
            *staff(),
        ),
    },
    functions=(*FUNCTIONS, function_of("coaching", ERASURES)),
    triggers=TRIGGERS,
)  # fmt: skip
