from mentorship_coordination.admin import flags, handovers, matching, pairs, queue, roster, sessions

__all__ = ["flags", "handovers", "matching", "pairs", "queue", "roster", "sessions"]
