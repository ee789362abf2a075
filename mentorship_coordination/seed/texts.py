"""Texts of a demonstration academy: what students hand in and what mentors answer.

The same state of `random` gives the same text.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

_OPENINGS: Final = (
    "I finished “{mission}” after two evenings in the lab.",
    "Here is my work on “{mission}”; the repository linked below has the raw data.",
    "This is my version of “{mission}”. I kept to the order of the brief.",
    "For “{mission}” I worked on the shared range, host names as in the inventory.",
    "“{mission}” took me longer than planned, mainly because of the preparation.",
    "Please find my report on “{mission}” attached, with the commands in the appendix.",
)
_METHODS: Final = (
    "I started from {skill}, wrote down what I expected, and only then looked at the evidence.",
    "Most of the time went into {skill}; the notes of every step are in the appendix.",
    "I used {skill} first and checked each result with a second tool.",
    "My approach was {skill} with small samples before I ran it over everything.",
    "Because {skill} was new to me I repeated the first part and compared both runs.",
)
_FINDINGS: Final = (
    "Three results are solid, one depends on the clock of the gateway, which drifts by about four minutes.",
    "The main finding holds in both data sets; the second one I could not reproduce on the older host.",
    "Nothing unexpected turned up, which I take as a result: the searches and their counts are in the table.",
    "Two of the alerts were harmless once I saw the maintenance window, the third is the real one.",
    "I found the cause on the second attempt, after I had followed the wrong account for a while.",
    ("The numbers differ by six from the sample solution's order of size; I explain the difference on page two."),
)
_QUESTIONS: Final = (
    "I am not sure whether my confidence level is too high in the last section.",
    "Could you look at the part on containment first? That is where I hesitated.",
    "One question: is it acceptable to leave the exception open until the next review?",
    "I would like to hear whether the summary is short enough for a manager.",
    "If something is missing I have time to rework it before the weekend.",
    "No open questions from my side.",
)

FEEDBACK: Final[Mapping[str, tuple[str, ...]]] = {
    "approved": (
        (
            "Clear and reproducible: I followed your steps and reached the same result. Keep the habit of"
            " noting versions."
        ),
        ("Approved. The reasoning on the false alarms is the best part; next time put that table on the first page."),
        "Good work. You say plainly what you do not know, and that makes the rest believable.",
        "This would pass in a real team. One polish: name the time zone in every timestamp.",
        "Solid evidence and an honest limitation section. You are ready for the next mission.",
        "Well structured. I liked that you tested the refusal and not only the happy path.",
    ),
    "changes_requested": (
        ("You are close. The conclusion needs evidence for the second host; add the log lines and hand it in again."),
        (
            "Please separate what you observed from what you infer. Section three mixes both, and the "
            "reader cannot tell."
        ),
        ("The method is right but the counts do not add up: 412 in the table, 398 in the text. Check and resubmit."),
        ("Your rule also matches the backup job. Exclude it by account and not by host, then rerun both tests."),
        "Add the commands that you used. I could not reproduce the timeline from the description alone.",
        "Good start. The summary is missing, and the recommendation should name an owner and a date.",
    ),
    "rejected": (
        (
            "This covers another data set than the one in the brief. Start again from the supplied files; we "
            "plan it together in our next session."
        ),
        ("Large parts repeat the sample report word for word. Please hand in your own analysis, however short it is."),
        (
            "The test ran outside the agreed scope. Read the rules of engagement again before you "
            "continue, and let us talk."
        ),
        (
            "The submission contains no evidence that can be checked. Book a session so that we see the "
            "first steps together."
        ),
    ),
}
"""Review feedback by decision."""

SESSION_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "one_on_one": (
        "Check-in and plan for the week",
        "Getting unstuck: {mission}",
        "Walk through your last review",
        "How to read a log under pressure",
        "Preparing the next mission",
        "Study plan until the capstone",
    ),
    "group": (
        "Group clinic: {mission}",
        "Case discussion with the whole group",
        "Tool evening: tips from the last missions",
        "Table-top exercise",
    ),
    "capstone_review": ("Capstone review", "Capstone: scope and risks", "Capstone rehearsal"),
    "goal_review": ("Goal review", "Half-time: where do you stand?", "Goals for the next four weeks"),
}
"""Session titles by session type; {mission} stands for a mission's title."""

FLAG_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "engagement": (
        "No sign of life for nine days, two messages unanswered.",
        "Missed two sessions in a row without cancelling.",
        "Logs the habits only in bulk on Sundays and has stopped asking questions.",
    ),
    "academic": (
        "Third round of changes on the same mission, and the same gap each time.",
        "Four missions behind the cohort and the distance grows.",
        "Skips the exercises on evidence and guesses the conclusions.",
    ),
    "wellbeing": (
        "Says that night shifts and the course together have become too much.",
        "Sounded exhausted in our session and asked about pausing.",
        "Mentioned a difficult family situation; wants a lighter plan for a month.",
    ),
    "technical": (
        "Laptop cannot run the lab machines, needs access to a remote range.",
        "Unstable connection, two sessions broke off half-way.",
        "Has been locked out of the practice network since Monday.",
    ),
    "conduct": (
        "Handed in parts of another student's report without naming the source.",
        "Scanned hosts outside the agreed range and did not stop when asked.",
        "Rude messages in the group channel, a classmate complained.",
    ),
}
"""Reasons of a mentor's flag by category."""

GOALS: Final = (
    "Finish {mission} without a second round",
    "Study {skill} for thirty minutes on five days a week",
    "Explain {skill} to a classmate in ten minutes",
    "Hand in the next two missions before their date",
    "Read one public incident report a week and note three lessons",
    "Build a small home lab and document it",
    "Write shorter reports: one page of findings first",
    "Pass a practice examination with eighty per cent",
    "Automate one step of my routine with a script",
    "Take part in one capture-the-flag evening with the group",
)

HABITS: Final = (
    "Read one security advisory",
    "Thirty minutes in the lab",
    "Write down one thing learned",
    "Review yesterday's notes",
    "Practise the command line",
    "Solve one small challenge",
    "Answer a question in the forum",
    "Plan tomorrow's study hour",
)

WEEKLY_HABITS: Final = (
    "Meet the study group",
    "Write a summary of the week",
    "Rebuild the lab from scratch",
    "Read one long incident report",
)

_GOAL_ANSWERS: Final = (
    "No drama. What stood in the way, and what would be a date that you believe in yourself?",
    "Split it: do the first half by Friday, and we look at the rest in our next session.",
    "You are further than you think. Send me what you have, even if it is a draft.",
    "Let us move this one behind the next mission; two things at once is what slowed you down.",
    "Good goal, too big for one week. Choose the one part that helps you most and set a new date.",
)


def submission_text(random: Random, *, mission_title: str, skills: Sequence[str]) -> str:
    """Three or four sentences that a student hands in for a mission; `skills` are slugs, at least one."""
    sentences = [
        random.choice(_OPENINGS).format(mission=mission_title),
        random.choice(_METHODS).format(skill=_in_words(random.choice(skills))),
        random.choice(_FINDINGS),
    ]
    if random.random() < 0.7:
        sentences.append(random.choice(_QUESTIONS))
    return " ".join(sentences)


def review_feedback(random: Random, decision: str) -> str:
    """Feedback for approved, changes_requested or rejected. Raises KeyError for any other decision."""
    return random.choice(FEEDBACK[decision])


def session_title(random: Random, session_type: str, *, mission_title: str) -> str:
    """A title for a session type. Raises KeyError for an unknown type."""
    return random.choice(SESSION_TITLES[session_type]).format(mission=mission_title)


def flag_reason(random: Random, category: str) -> str:
    """A reason for a flag category. Raises KeyError for an unknown category."""
    return random.choice(FLAG_REASONS[category])


def goal_title(random: Random, *, mission_title: str, skills: Sequence[str]) -> str:
    """A goal of a student; `skills` are slugs, at least one."""
    return random.choice(GOALS).format(mission=f"“{mission_title}”", skill=_in_words(random.choice(skills)))


def goal_feedback(random: Random) -> str:
    """What a mentor writes about a goal that is overdue."""
    return random.choice(_GOAL_ANSWERS)


def _in_words(slug: str) -> str:
    return "SIEM work" if slug == "siem" else slug.replace("-", " ")
