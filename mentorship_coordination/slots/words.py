"""What people read about a day without a slot. Nothing here says whom somebody meets."""

from mentorship_coordination.slots.finder import Refusal

#: For the student, who reads of herself.
TO_STUDENT: dict[Refusal, str] = {
    Refusal.MENTEE_CLOSED: "You have no hours on this day.",
    Refusal.NOT_SHARED: "Your hours and your mentor's on this day have too little in common.",
    Refusal.BUSY: "All hours that you share are taken.",
}
#: For the mentor, likewise.
TO_MENTOR: dict[Refusal, str] = {
    Refusal.MENTOR_AWAY: "You are away.",
    Refusal.MENTOR_CLOSED: "You have no hours on this day.",
    Refusal.NOT_SHARED: "Your hours and the student's on this day have too little in common.",
    Refusal.BUSY: "All hours that you share are taken.",
    Refusal.WEEK_FULL: "Your sessions of that week are used up.",
}
WORDS: dict[Refusal, str] = {
    Refusal.BUDGET_EXHAUSTED: "No session is left in the enrolment's budget.",
    Refusal.NOT_ACTIVE: "The mentorship is not active at the moment.",
    Refusal.TOO_SOON: "Too soon to book.",
    Refusal.TOO_FAR: "Too far ahead to book.",
    Refusal.HOLIDAY: "A holiday of the program.",
    Refusal.MENTOR_AWAY: "The mentor is away.",
    Refusal.MENTOR_CLOSED: "The mentor has no hours on this day.",
    Refusal.MENTEE_CLOSED: "The student has no hours on this day.",
    Refusal.NOT_SHARED: "Their hours on this day have too little in common.",
    Refusal.BUSY: "All hours that they share are taken.",
    Refusal.WEEK_FULL: "The mentor's sessions of that week are used up.",
}
