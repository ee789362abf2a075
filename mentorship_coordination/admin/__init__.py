from mentorship_coordination.admin import flags, matching, pairs, queue, sessions

__all__ = ["flags", "matching", "pairs", "queue", "sessions"]
