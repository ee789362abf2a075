from core.erasure import BLANK, DOCUMENT_NAMES_HER, NAMES_HER, NOTHING, Erase, Stays, erase, stay
from core.personal_data import OF_OTHERS, Kept, keep
from mentorship_coordination.enums import MatchRunState

APP = "mentorship_coordination"
#: Product.md §8: that there was a flag is told, and by whom it was settled; what was written is not.
NEVER_SHOWN = "What is written in a flag is never shown to the student it is about; a mentor could write nothing else."
#: An illness, perhaps: whoever stands in learns the span alone.
WHY_AWAY = "Of absences in which you stand in for somebody, why she was away is hers."

keep(
    Kept(f"{APP}.MenteeMentorAssignment", ("mentee", "mentor", "ended_by")),
    Kept(f"{APP}.AssignmentEntry", ("by",)),
    Kept(f"{APP}.AssignmentEntry", ("assignment__mentee", "assignment__mentor"), {"reason": OF_OTHERS}),
    Kept(f"{APP}.MatchExclusion", ("mentor", "mentee", "created_by"), {"reason": OF_OTHERS}),
    Kept(f"{APP}.MentorAbsence", ("mentor",)),
    Kept(f"{APP}.MentorAbsence", ("backup",), {"reason": WHY_AWAY}),
    Kept(f"{APP}.AvailabilityOverride", ("person",)),
    Kept(f"{APP}.MentorSession", ("mentee", "mentor", "closed_by")),
    Kept(f"{APP}.SessionParticipant", ("person",)),
    Kept(f"{APP}.SessionRating", ("student",)),
    Kept(f"{APP}.SessionNote", ("author",)),
    Kept(f"{APP}.SessionNote", ("session__participants__person",), only={"is_private": False}),
    Kept(f"{APP}.SessionActionItem", ("owner",)),
    Kept(f"{APP}.MentorWorkQueue", ("mentee", "mentor", "claimed_by", "completed_by")),
    Kept(f"{APP}.SlaPause", ("opened_by", "item__mentee")),
    Kept(
        f"{APP}.MentorFlag",
        ("mentee", "mentor", "author"),
        dict.fromkeys(("reason", "outcome", "note"), NEVER_SHOWN),
    ),
    Kept(f"{APP}.MentorFlagEntry", ("flag__mentee", "by"), {"text": NEVER_SHOWN}),
    Kept(f"{APP}.CapacityEpisode", ("mentor",)),
    Kept(f"{APP}.MentorHandover", ("mentor", "requested_by"), {"plan": OF_OTHERS, "result": OF_OTHERS}),
    Kept(
        f"{APP}.MatchRun",
        ("requested_by",),
        dict.fromkeys(("options", "summary", "certificate", "progress"), OF_OTHERS),
    ),
    # Of a draft, nothing has come of it for anybody yet.
    Kept(
        f"{APP}.MatchProposal",
        ("mentee", "mentor", "former_mentor"),
        dict.fromkeys(("parts", "score", "blocked", "explanation"), OF_OTHERS),
        only={"run__state": MatchRunState.PUBLISHED},
    ),
    Kept(f"{APP}.MatchFilling", ("mentor",)),
    Kept(f"{APP}.MatchWeights", ("created_by",)),
    Kept(f"{APP}.Notification", ("recipient",)),
    Kept(f"{APP}.FeedbackSnippet", ("mentor",)),
    Kept(f"{APP}.DecisionSnooze", ("director",)),
)

TABLE = "mentorship_coordination"
OF_ME = "t.mentee_id = p_person"
OF_HER_PAIR = f"""t.assignment_id IN (
    SELECT a.id FROM public.{TABLE}_menteementorassignment a WHERE p_person IN (a.mentee_id, a.mentor_id))"""
OF_HER_SESSION = f"t.session_id IN (SELECT s.id FROM public.{TABLE}_mentorsession s WHERE s.mentee_id = p_person)"
OF_HER_FLAG = f"t.flag_id IN (SELECT f.id FROM public.{TABLE}_mentorflag f WHERE f.mentee_id = p_person)"
OF_HER_ITEM = f"t.item_id IN (SELECT i.id FROM public.{TABLE}_mentorworkqueue i WHERE i.mentee_id = p_person)"
UNNAMED = "app.unnamed({}, p_name, p_email)"
#: By the key of what was told: her sessions and their disputes, her pairs, herself.
TOLD_OF_HER = f"""position(p_person::text IN t.dedupe_key) > 0
  OR split_part(t.dedupe_key, ':', 1) = 'session' AND split_part(t.dedupe_key, ':', 2) IN (
    SELECT s.id::text FROM public.{TABLE}_mentorsession s WHERE s.mentee_id = p_person)
  OR split_part(t.dedupe_key, ':', 1) = 'assignment' AND split_part(t.dedupe_key, ':', 2) IN (
    SELECT a.id::text FROM public.{TABLE}_menteementorassignment a WHERE p_person IN (a.mentee_id, a.mentor_id))"""
ABOUT_HER = "'About an erased person'"
#: A hand-over's plan without what it says of her.
MOVES = """jsonb_set(t.plan, '{moves}', (
    SELECT jsonb_agg(CASE WHEN move ->> 'mentee' = p_person::text
      THEN move || jsonb_build_object('mentee_name', 'Erased person', 'sessions', '[]'::jsonb)
      ELSE move END ORDER BY nth)
    FROM jsonb_array_elements(t.plan -> 'moves') WITH ORDINALITY AS each(move, nth)))"""

ERASURES = erase(
    Erase(f"{TABLE}_menteementorassignment", "p_person IN (t.mentee_id, t.mentor_id)", {"end_reason": NOTHING}),
    Erase(f"{TABLE}_assignmententry", OF_HER_PAIR, {"reason": NOTHING}),
    Erase(f"{TABLE}_matchexclusion", "p_person IN (t.mentee_id, t.mentor_id)", {"reason": NOTHING}),
    Erase(f"{TABLE}_mentorabsence", "t.mentor_id = p_person", {"reason": NOTHING}),
    Erase(f"{TABLE}_availabilityoverride", "t.person_id = p_person"),
    Erase(
        f"{TABLE}_mentorsession",
        OF_ME,
        {
            "title": "'Session'", "agenda": NOTHING, "close_reason": NOTHING, "dispute_reason": NOTHING,
            "dispute_answer": NOTHING, "meeting_url": NOTHING, "link_error": NOTHING,
        },
    ),
    # Her own room, perhaps; what she wrote to others as their mentor is theirs.
    Erase(f"{TABLE}_mentorsession", "t.mentor_id = p_person", {"meeting_url": NOTHING, "link_error": NOTHING}),
    Erase(
        f"{TABLE}_sessionparticipant",
        "t.person_id = p_person",
        {"dispute_reason": NOTHING, "dispute_answer": NOTHING},
    ),
    Erase(f"{TABLE}_sessionrating", "t.student_id = p_person", {"comment": NOTHING}),
    Erase(f"{TABLE}_sessionnote", OF_HER_SESSION, {"text": BLANK}),
    Erase(
        f"{TABLE}_sessionactionitem",
        f"""{OF_HER_SESSION} OR t.owner_id = p_person AND EXISTS (
          SELECT FROM public.{TABLE}_sessionparticipant p
          WHERE p.session_id = t.session_id AND p.person_id = p_person AND p.role = 'mentee')""",
        {"text": BLANK},
    ),
    Erase(
        f"{TABLE}_mentorworkqueue",
        OF_ME,
        {
            "title": BLANK, "description": NOTHING, "closed_reason": NOTHING,
            "outcome": "CASE WHEN t.type = 'mission_review' AND t.outcome IN ('approved', 'changes_requested',"
            " 'rejected') THEN t.outcome ELSE '' END",
        },
    ),
    Erase(f"{TABLE}_slapause", OF_HER_ITEM, {"note": NOTHING}),
    Erase(f"{TABLE}_mentorflag", OF_ME, {"reason": BLANK, "outcome": NOTHING, "note": NOTHING}),
    Erase(f"{TABLE}_mentorflagentry", OF_HER_FLAG, {"text": NOTHING}),
    Erase(f"{TABLE}_mentorhandover", "t.mentor_id = p_person", {"reason": BLANK}),
    Erase(
        f"{TABLE}_mentorhandover",
        "t.plan -> 'moves' @> jsonb_build_array(jsonb_build_object('mentee', p_person::text))",
        {"plan": MOVES},
    ),
    Erase(
        f"{TABLE}_mentorhandover",
        DOCUMENT_NAMES_HER.format("t.plan"),
        {"plan": UNNAMED.format("t.plan")},
    ),
    # A what-if names people.
    Erase(
        f"{TABLE}_matchrun",
        DOCUMENT_NAMES_HER.format("t.summary"),
        {"summary": UNNAMED.format("t.summary")},
    ),
    Erase(
        f"{TABLE}_notification",
        "t.recipient_id = p_person",
        {
            "title": BLANK, "body": NOTHING, "url": NOTHING, "mail_error": NOTHING, "mail_available_at": "NULL",
            "mail_state": "CASE t.mail_state WHEN 'pending' THEN 'none' ELSE t.mail_state END",
        },
    ),
    # Other people's: that somebody was told stays, and so does whether it reached her.
    Erase(
        f"{TABLE}_notification",
        f"""{OF_HER_FLAG} OR {OF_HER_SESSION} OR {TOLD_OF_HER} OR position(p_person::text IN t.url) > 0""",
        {"title": ABOUT_HER, "body": NOTHING, "url": NOTHING, "mail_error": NOTHING},
    ),
    Erase(
        f"{TABLE}_notification",
        f"{NAMES_HER.format('t.title')} OR {NAMES_HER.format('t.body')}",
        {"title": f"left({UNNAMED.format('t.title')}, 200)", "body": UNNAMED.format("t.body")},
    ),
    Erase(f"{TABLE}_feedbacksnippet", "t.mentor_id = p_person"),
    Erase(f"{TABLE}_decisionsnooze", "t.director_id = p_person"),
    # Who was kept apart from whom is noted, and why.
    Erase(
        "core_auditentry",
        f"""t.table_name = '{TABLE}_matchexclusion' AND t.changed ? 'reason' AND (
          position(p_person::text IN t.changed::text) > 0 OR t.row_id IN (
            SELECT x.id::text FROM public.{TABLE}_matchexclusion x WHERE p_person IN (x.mentee_id, x.mentor_id)))""",
        {"changed": "jsonb_set(t.changed, '{reason}', '[null, null]')"},
    ),
)  # fmt: skip
COUNTS = "Counts and points."
stay(
    Stays(
        f"{TABLE}_mentorsession",
        ("meeting_id", "meeting_provider"),
        "The provider's; empty once the meeting is deleted there.",
    ),
    Stays(f"{TABLE}_mentorworkqueue", ("rank_reasons", "ages_at"), "Words of the product and instants."),
    Stays(f"{TABLE}_mentorhandover", ("result", "refusal"), "Ids and words of the product."),
    Stays(f"{TABLE}_matchrun", ("method", "options", "certificate", "progress", "failure"), "Ids, figures, faults."),
    Stays(f"{TABLE}_matchproposal", ("parts", "blocked", "explanation", "lost_reason"), COUNTS),
    Stays(f"{TABLE}_matchfilling", ("blocked",), COUNTS),
    Stays(f"{TABLE}_matchweights", ("values", "note"), "What an admin set for everybody."),
    Stays(f"{TABLE}_notification", ("dedupe_key",), "Ids: nothing is told twice."),
)
