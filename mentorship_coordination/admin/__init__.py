from mentorship_coordination.admin import enrolments, flags, handovers, matching, pairs, queue, roster, sessions

__all__ = ["enrolments", "flags", "handovers", "matching", "pairs", "queue", "roster", "sessions"]
