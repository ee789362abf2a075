from core.erasure import BLANK, NOTHING, Erase, Stays, erase, stay
from core.personal_data import OF_OTHERS, Kept, keep

keep(
    Kept("missions.MissionSubmission", ("student",)),
    Kept("missions.SubmissionVersion", ("submission__student",)),
    Kept(
        "missions.SubmissionFile",
        ("version__submission__student",),
        {"content": "The file itself is downloaded where it was handed in."},
    ),
    Kept("missions.MissionReview", ("reviewer",)),
    # Of a director who decided instead of the mentor.
    Kept("missions.MissionReview", ("submission__student",), {"reason": OF_OTHERS}),
)

OF_HER_SUBMISSION = """t.submission_id IN (
    SELECT s.id FROM public.missions_missionsubmission s WHERE s.student_id = p_person)"""

#: The files themselves go after the commit (`missions.handlers`).
ERASURES = erase(
    Erase(
        "missions_submissionfile",
        f"t.version_id IN (SELECT t.id FROM public.missions_submissionversion t WHERE {OF_HER_SUBMISSION})",
    ),
    Erase("missions_submissionversion", OF_HER_SUBMISSION, {"text": NOTHING, "links": "'[]'"}),
    # What refuses has to say something.
    Erase("missions_missionreview", OF_HER_SUBMISSION, {"feedback": BLANK, "reason": NOTHING}),
)
stay(
    Stays("missions_missionreview", ("competencies", "rubric_scores"), "Words of the mission's own and points."),
)
