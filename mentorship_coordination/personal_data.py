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
