"""A run of the matching as it is asked for and answered, for the schema."""

from __future__ import annotations

from typing import Any, Final

from mentorship_coordination.matching.weights import MEANINGS, Weights

RUN_ID: Final = "019b9c00-2d3e-7f4a-9b5c-6d7e8f9a0b1c"
COHORT: Final = "019b8f40-7d3c-7b1a-8f5e-2c9d4a6b1e03"
MENTOR: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
MENTEE: Final = "019b8f42-0d18-7a60-8c3e-5b7a19d2f460"
WEIGHTS: Final = {
    "version": 1,
    "values": Weights().as_values(),
    "note": "The weights the engine came with.",
    "meanings": dict(MEANINGS),
    "created_at": "2026-01-05T09:00:00Z",
}
ASKED: Final = {"cohort": COHORT, "kind": "match", "policy": {"evenness": 100}}
REQUESTED: Final[dict[str, Any]] = {
    "id": RUN_ID,
    "cohort": COHORT,
    "cohort_name": "Digital forensics, spring",
    "kind": "match",
    "state": "requested",
    "requested_by": "Dana Reyes",
    "weights": WEIGHTS,
    "options": {"scope": "cohort", "policy": {"evenness": 100}, "changes": {}},
    "progress": {},
    "failure": "",
    "summary": {},
    "certificate": None,
    "proof": "",
    "created_at": "2026-02-27T09:12:00Z",
    "solved_at": None,
    "published_at": None,
    "revision": 1,
}
GROUP: Final = {"waiting": 24, "matched": 22, "mean_score": 641.5}
DRAFT: Final[dict[str, Any]] = REQUESTED | {
    "state": "draft",
    "summary": {
        "waiting": 24,
        "matched": 22,
        "unmatched": 2,
        "total_score": 14113,
        "mean_score": 641.5,
        "worst_score": 402,
        "fifth_percentile": 438.0,
        "first_choice": 19,
        "utilisation": {"mean": 86.0, "spread": 9.4, "lowest": 60.0, "highest": 100.0},
        "blocked": {"no_language_in_common": 61, "too_few_shared_hours": 12, "full": 7},
        "groups": {
            "track": {"shown": {"Digital forensics": GROUP}, "hidden": 0},
            "language": {"shown": {"en": GROUP}, "hidden": 3},
            "timezone": {"shown": {"Europe/Berlin": GROUP}, "hidden": 4},
        },
        "advice": [
            {
                "track": "Digital forensics",
                "language": "pl",
                "timezone": "Europe/Warsaw",
                "places": 20,
                "left_out": 2,
                "extra": 2,
            }
        ],
    },
    "certificate": {
        "objective": 16930234112, "bound": 16930234112, "is_proved": True, "rounds": 1, "match_points": 16002
    },
    "proof": "Proved: no other assignment of these students is better.",
    "solved_at": "2026-02-27T09:12:02Z",
    "revision": 4,
}  # fmt: skip
PUBLISHING: Final = DRAFT | {"state": "publishing", "revision": 5}
DISCARDED: Final = DRAFT | {"state": "discarded", "revision": 5}
PROPOSAL: Final = {
    "enrolment": "019b8f44-2c6e-7d81-9a5b-e31f60c7d948",
    "cohort": COHORT,
    "mentee": MENTEE,
    "mentee_name": "Mina Okafor",
    "mentor": MENTOR,
    "mentor_name": "Tomas Berg",
    "former_mentor_name": None,
    "state": "proposed",
    "score": 640,
    "parts": {"skills": 320, "shared_hours": 200, "same_cohort": 100, "experience": 20, "waiting": 0},
    "blocked": {},
    "explanation": {
        "rank": 2,
        "choices": 9,
        "best": {"mentor": "019b8f41-7d66-7f0c-82a1-a3e4c9d5f8b6", "name": "Alma Berg", "gain": 35, "others_lose": 80},
    },
    "why": "2nd best of 9 choices. Alma Berg would bring 35 points more, and cost the others at least 80 points. "
    "skills 320, shared hours 200, knows the cohort 100, experience with the track 20",
    "lost_reason": "",
}
FILLING: Final = {
    "mentor": MENTOR,
    "mentor_name": "Tomas Berg",
    "load": 12,
    "places": 8,
    "taken": 5,
    "blocked": {"no_language_in_common": 9},
    "elsewhere": 10,
    "price": 0,
    "why": "3 places left. Students: 9 without a language in common. "
    "10 more would be allowed and fit others as well or better.",
}
WISHES: Final = {"pinned": [{"mentor": MENTOR, "mentee": MENTEE}], "unwanted": []}
WHAT_IF: Final[dict[str, Any]] = {
    "cohort": COHORT,
    "changes": {"without_mentors": [MENTOR], "joining": {COHORT: 40}},
}
COMPARISON: Final[dict[str, Any]] = {
    "counts": {"same": 20, "other_mentor": 2, "newly_matched": 0, "newly_unmatched": 2, "joining": 0, "gone": 0},
    "changed": [
        {
            "enrolment": PROPOSAL["enrolment"],
            "mentee": "Mina Okafor",
            "kind": "other_mentor",
            "before": "Tomas Berg",
            "after": "Alma Berg",
        }
    ],
    "before": {"matched": 22},
    "after": {"matched": 20},
}
