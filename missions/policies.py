from core.erasure import function_of
from core.tenancy.identity import Role
from core.tenancy.spec import MY_COHORTS, UID, Allow, Audited, Policies, everybody, staff
from missions.personal_data import ERASURES

OWN = f"student_id = {UID}"
MINE = f"mentor_id = {UID}"
DIRECTED = f"cohort_id = {MY_COHORTS}"
#: The sub-select runs under the same role: a version is visible exactly where its submission is. EXISTS asks for one
#: row by its key, where IN would gather the whole table first.
OF_VISIBLE_SUBMISSION = "EXISTS (SELECT FROM public.missions_missionsubmission s WHERE s.id = submission_id)"
OF_VISIBLE_VERSION = "EXISTS (SELECT FROM public.missions_submissionversion v WHERE v.id = version_id)"
#: A student moves her submission up to "submitted" and never decides it.
HANDS_IN = f"{OWN} AND state IN ('draft', 'submitted', 'changes_requested')"
HANDED_IN = f"{OWN} AND state IN ('draft', 'submitted')"
#: A submission belongs to an enrolment of hers, and comes without a verdict.
HER_ENROLMENT = """(enrolment_id, student_id, cohort_id) IN (
  SELECT e.id, e.student_id, e.cohort_id FROM public.users_enrolment e)"""
UNDECIDED = f"{HANDED_IN} AND score IS NULL AND decided_at IS NULL"
HANDING_IN = ("state", "version", "cycle", "score", "submitted_at", "decided_at", "updated_at")
VERDICT = ("state", "score", "decided_at", "updated_at")
REVIEWS_OWN = f"""reviewer_id = {UID} AND EXISTS (SELECT FROM public.missions_submissionversion v
  WHERE v.id = version_id AND v.submission_id = missions_missionreview.submission_id)"""
#: A mentor reviews while the pair is active; the mentor of a paused one reads alone (product.md §5).
OF_ACTIVE_PAIR = f"""submission_id IN (
  SELECT s.id FROM public.missions_missionsubmission s
  JOIN public.mentorship_coordination_menteementorassignment a ON a.enrolment_id = s.enrolment_id
  WHERE a.mentor_id = {UID} AND a.state = 'active')"""

POLICIES = Policies(
    tenant={
        "missions_missionsubmission": (
            Allow(Role.STUDENT, "r", OWN),
            Allow(Role.STUDENT, "c", f"{UNDECIDED} AND {HER_ENROLMENT}"),
            Allow(Role.STUDENT, "u", HANDS_IN, check=UNDECIDED, columns=HANDING_IN),
            Allow(Role.MENTOR, "ru", MINE, columns=VERDICT),
            Allow(Role.DIRECTOR, "ru", DIRECTED, columns=VERDICT),
            *staff(),
        ),
        "missions_submissionversion": (
            Allow(Role.STUDENT, "rc", OF_VISIBLE_SUBMISSION),
            Allow(Role.MENTOR, "r", OF_VISIBLE_SUBMISSION),
            Allow(Role.DIRECTOR, "r", OF_VISIBLE_SUBMISSION),
            *staff(),
        ),
        "missions_submissionfile": (
            Allow(Role.STUDENT, "rc", OF_VISIBLE_VERSION),
            Allow(Role.MENTOR, "r", OF_VISIBLE_VERSION),
            Allow(Role.DIRECTOR, "r", OF_VISIBLE_VERSION),
            *staff(),
        ),
        "missions_missionreview": (
            Allow(Role.STUDENT, "r", OF_VISIBLE_SUBMISSION),
            Allow(Role.MENTOR, "r", OF_VISIBLE_SUBMISSION),
            Allow(Role.MENTOR, "c", f"{REVIEWS_OWN} AND {OF_ACTIVE_PAIR}"),
            Allow(Role.DIRECTOR, "r", OF_VISIBLE_SUBMISSION),
            Allow(Role.DIRECTOR, "c", REVIEWS_OWN),
            *staff(),
        ),
        "missions_cohortscore": (Allow(Role.DIRECTOR, "r", DIRECTED), *staff()),
    },
    shared={"missions_mission": everybody("r")},
    functions=(function_of("missions", ERASURES),),
    audited={
        "missions_mission": Audited(
            (
                "track_id", "number", "title", "weight", "level", "expected_after_days", "competencies", "rubric",
                "is_published",
            )
        ),
    },
)  # fmt: skip
