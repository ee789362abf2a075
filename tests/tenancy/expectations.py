"""Who may do what, written by hand for people to review, and never derived from the policies it is held against.

A cell holds verbs (r read, c create, u update, d delete) for up to three rows, separated by commas: her own row or that
of her pair, the row of the person on the other side of the pair (tables of persons only), and a stranger's row. A dot
is nothing. `former` is a mentor whose pair with the student has ended; the rows of the pair are not hers any more.
"""

from __future__ import annotations

from dataclasses import dataclass

ROWS = ("own", "related", "other")
PEOPLE = ("person", "student", "mentor", "former", "director")
ROLES = ("anon", *PEOPLE, "admin", "system")

#: Whoever acts as a role of the application.
ROLES_OF: dict[str, tuple[str, ...]] = {
    **{role: (role,) for role in ("anon", "person", "student", "director", "admin", "system")},
    "mentor": ("mentor", "former"),
}

#: Tables with a row of each person.
OF_PERSONS = """
table                     person  student  mentor  former  director
core_streamcounter        .       .        .       .       .
core_streamevent          .       .        .       .       .
core_idempotencykey       rcu     rcu      rcu     rcu     rcu
users_user                ru      ru,r     ru,r    ru      ru,r
users_credential          .       .        .       .       .
users_loginsession        .       .        .       .       .
users_onetimetoken        .       .        .       .       .
users_accesstoken         rcu     rcu      rcu     rcu     rcu
users_feedtoken           rcu     rcu      rcu     rcu     rcu
availabilityoverride      rcud    rcud,r   rcud,r  rcud    rcud
notification              ru      ru       ru      ru      ru
"""

#: Tables with a row of each pair: a student, her mentor, the cohort that a director directs.
OF_PAIRS = """
table                     person  student  mentor  former  director
users_enrolment           .       r        r       .       r
users_loginattempt        .       .        .       .       .
core_auditentry           .       .        .       .       .
missionsubmission         .       rcu      ru      .       ru
submissionversion         .       rc       r       .       r
submissionfile            .       rc       r       .       r
missionreview             .       r        rc      .       rc
cohortscore               .       .        .       .       r
coaching_habit            .       rcu      r       .       r
coaching_habitlog         .       rcud     r       .       r
coaching_streakbreak      .       r        r       .       r
coaching_goal             .       rcu      r       .       r
coaching_misseddeadline   .       r        r       .       r
coaching_goalfeedback     .       r        rc      .       r
riskepisode               .       .        r       .       r
studentdashboard          .       r        r       .       r
readinesssnapshot         .       r        r       .       r
dashboardupdatequeue      .       .        .       .       .
menteementorassignment    .       r        r       .       rcu
assignmententry           .       .        .       .       rc
matchexclusion            .       .        .       .       rcd
mentorabsence             .       r        rcud    .       rcu,.,rcu
mentorhandover            .       .        .       .       rcu
capacityepisode           .       .        r       .       r
mentorworkqueue           .       .        ru      .       ru
slapause                  .       .        rcu     .       rcu
mentorsession             .       r        rcu     .       r
sessionparticipant        .       r        rcu     .       r
sessionrating             .       r        .       .       r
sessionnote               .       r        rcu     .       .
sessionactionitem         .       ru       rcu     .       .
mentorflag                .       .        rcu     .       rcu
mentorflagentry           .       .        rc      .       rc
matchrun                  .       .        .       .       rcu
matchproposal             .       .        .       .       r
matchfilling              .       .        .       .       r
feedbacksnippet           .       .        rcud    .       .
decisionsnooze            .       .        .       .       rcud
"""

#: Admins and the system's jobs reach every row of every table, but for these.
STAFF = {
    ("admin", "core_streamcounter"): "r",
    ("admin", "core_streamevent"): "r",
    ("admin", "core_auditentry"): "r",
    ("system", "core_auditentry"): "r",
    ("admin", "users_credential"): "c",
    ("admin", "users_loginsession"): "",
    ("admin", "users_loginattempt"): "r",
    ("admin", "users_onetimetoken"): "rcu",
    ("admin", "users_accesstoken"): "rcu",
    ("system", "users_loginsession"): "rd",
    ("system", "users_loginattempt"): "rd",
}

#: Verbs that work without naming a column, where there is no right to read.
BLIND = {("admin", "users_credential"): "d"}

APPS = {
    "mission": "missions",
    "submission": "missions",
    "studentdashboard": "student_dashboard",
    "readiness": "student_dashboard",
    "dashboardupdate": "student_dashboard",
    "cohortscore": "missions",
    "riskepisode": "student_dashboard",
    "coaching_": "",
    "users_": "",
    "core_": "",
}


def table_name(short: str) -> str:
    """The table's name in the database: those of most apps are written without their app."""
    app = next((app for start, app in APPS.items() if short.startswith(start)), "mentorship_coordination")
    return f"{app}_{short}" if app else short


@dataclass(frozen=True)
class Expected:
    """Verbs by row; `is_personal` tables have a row of each person."""

    verbs: dict[str, str]
    is_personal: bool


def _cells(cell: str) -> dict[str, str]:
    given = [part.replace(".", "") for part in cell.split(",")]
    return dict(zip(ROWS, [*given, "", ""][:3], strict=True))


def _parse(text: str, *, is_personal: bool) -> dict[tuple[str, str], Expected]:
    header, *lines = [line.split() for line in text.strip().splitlines()]
    parsed: dict[tuple[str, str], Expected] = {}
    for short, *cells in lines:
        table = table_name(short)
        parsed["anon", table] = Expected(_cells("."), is_personal)
        for role, cell in zip(header[1:], cells, strict=True):
            parsed[role, table] = Expected(_cells(cell), is_personal)
        for role in ("admin", "system"):
            verbs = STAFF.get((role, table), "rcud")
            parsed[role, table] = Expected(dict.fromkeys(ROWS, verbs), is_personal)
    return parsed


EXPECTED = _parse(OF_PERSONS, is_personal=True) | _parse(OF_PAIRS, is_personal=False)
TABLES = tuple(dict.fromkeys(table for _, table in EXPECTED))

#: (role, table, column) that may name somebody else. Whoever is named here learns nothing of a student by it.
MAY_NAME_OTHERS = {
    # A director hands work to whoever has time, and chooses who mentors, backs up or never meets whom.
    ("director", "mentorworkqueue", "mentor_id"),
    ("director", "menteementorassignment", "mentor_id"),
    ("director", "matchexclusion", "mentor_id"),
    ("director", "mentorabsence", "mentor_id"),
    ("director", "mentorabsence", "backup_id"),
    ("mentor", "mentorabsence", "backup_id"),
    # The database puts the mentor of the day in, whatever is written here.
    ("student", "missionsubmission", "mentor_id"),
    # Public facts of the curriculum.
    ("student", "missionsubmission", "mission_id"),
    # Who did it, as the action says: shown, and no way in.
    ("mentor", "mentorworkqueue", "claimed_by_id"),
    ("mentor", "mentorworkqueue", "completed_by_id"),
    ("director", "mentorworkqueue", "claimed_by_id"),
    ("director", "mentorworkqueue", "completed_by_id"),
    ("mentor", "mentorsession", "closed_by_id"),
    ("mentor", "slapause", "opened_by_id"),
    ("director", "slapause", "opened_by_id"),
    ("director", "menteementorassignment", "ended_by_id"),
    ("director", "menteementorassignment", "match_run_id"),
    ("director", "matchexclusion", "created_by_id"),
}
