from mentorship_coordination.admin import flags, matching, pairs, queue, roster, sessions

__all__ = ["flags", "matching", "pairs", "queue", "roster", "sessions"]
