"""States, types and the legal moves between them. Source: product.md §4, §6, §7, §8, §10."""

from django.db.models import IntegerChoices, TextChoices


class WorkType(TextChoices):
    MISSION_REVIEW = "mission_review"
    SESSION_NOTES = "session_notes"
    GOAL_FEEDBACK = "goal_feedback"
    RISK_FLAG = "risk_flag"


class WorkStatus(TextChoices):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


#: Open is a set of states; "overdue" is a fact about time and no state (product.md §4).
OPEN_STATUSES = (WorkStatus.PENDING, WorkStatus.IN_PROGRESS)
CLOSED_STATUSES = (WorkStatus.COMPLETED, WorkStatus.CANCELLED)

#: Types that are finished by an action of their own and never by `complete`.
FINISHED_BY_OWN_ACTION = {
    WorkType.MISSION_REVIEW: "Review the mission to finish this item.",
    WorkType.GOAL_FEEDBACK: "Answer the goal to finish this item.",
}


class Band(IntegerChoices):
    """How far the counted time of an open item has run."""

    ON_TIME = 0
    WARNED_75 = 1
    WARNED_90 = 2
    BREACHED = 3


class PauseReason(TextChoices):
    WAITING_ON_STUDENT = "waiting_on_student"
    DISPUTE = "dispute"


class AssignmentState(TextChoices):
    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


#: Assignments that take a place with the mentor.
LIVE_ASSIGNMENTS = (AssignmentState.PENDING, AssignmentState.ACTIVE, AssignmentState.PAUSED)

ASSIGNMENT_MOVES: dict[AssignmentState, frozenset[AssignmentState]] = {
    AssignmentState.PENDING: frozenset({AssignmentState.ACTIVE, AssignmentState.CANCELLED}),
    AssignmentState.ACTIVE: frozenset({AssignmentState.PAUSED, AssignmentState.COMPLETED, AssignmentState.CANCELLED}),
    AssignmentState.PAUSED: frozenset({AssignmentState.ACTIVE, AssignmentState.COMPLETED, AssignmentState.CANCELLED}),
    AssignmentState.COMPLETED: frozenset(),
    AssignmentState.CANCELLED: frozenset(),
}


class SessionType(TextChoices):
    ONE_ON_ONE = "one_on_one"
    GROUP = "group"
    CAPSTONE_REVIEW = "capstone_review"
    GOAL_REVIEW = "goal_review"


class SessionStatus(TextChoices):
    REQUESTED = "requested", "Requested"
    SCHEDULED = "scheduled", "Scheduled"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Expired"
    COMPLETED = "completed", "Held"
    CANCELLED_BY_MENTOR = "cancelled_by_mentor", "Called off by the mentor"
    CANCELLED_BY_MENTEE = "cancelled_by_mentee", "Called off by the student"
    NO_SHOW_MENTEE = "no_show_mentee", "Missed by the student"
    NO_SHOW_MENTOR = "no_show_mentor", "Missed by the mentor"


#: Of what may become of a session, that in which people met.
MET = (SessionStatus.SCHEDULED, SessionStatus.COMPLETED)
#: What somebody asked for and nobody booked.
NEVER_PLANNED = (SessionStatus.REQUESTED, SessionStatus.DECLINED, SessionStatus.EXPIRED)


SESSION_MOVES: dict[SessionStatus, frozenset[SessionStatus]] = {
    SessionStatus.REQUESTED: frozenset({SessionStatus.SCHEDULED, SessionStatus.DECLINED, SessionStatus.EXPIRED}),
    SessionStatus.SCHEDULED: frozenset(
        {
            SessionStatus.COMPLETED,
            SessionStatus.CANCELLED_BY_MENTOR,
            SessionStatus.CANCELLED_BY_MENTEE,
            SessionStatus.NO_SHOW_MENTEE,
            SessionStatus.NO_SHOW_MENTOR,
        }
    ),
    SessionStatus.DECLINED: frozenset(),
    SessionStatus.EXPIRED: frozenset(),
    SessionStatus.COMPLETED: frozenset(),
    SessionStatus.CANCELLED_BY_MENTOR: frozenset(),
    SessionStatus.CANCELLED_BY_MENTEE: frozenset(),
    SessionStatus.NO_SHOW_MENTEE: frozenset(),
    SessionStatus.NO_SHOW_MENTOR: frozenset(),
}


class ParticipantRole(TextChoices):
    MENTOR = "mentor"
    MENTEE = "mentee"


class Severity(IntegerChoices):
    LOW = 1, "low"
    MEDIUM = 2, "medium"
    HIGH = 3, "high"
    CRITICAL = 4, "critical"


class FlagCategory(TextChoices):
    ENGAGEMENT = "engagement"
    ACADEMIC = "academic"
    WELLBEING = "wellbeing"
    CONDUCT = "conduct"
    TECHNICAL = "technical"
    OTHER = "other"


class FlagState(TextChoices):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


FLAG_MOVES: dict[FlagState, frozenset[FlagState]] = {
    FlagState.OPEN: frozenset({FlagState.ACKNOWLEDGED, FlagState.RESOLVED}),
    FlagState.ACKNOWLEDGED: frozenset({FlagState.RESOLVED}),
    FlagState.RESOLVED: frozenset({FlagState.OPEN}),
}


class FlagEntryKind(TextChoices):
    RAISED = "raised"
    COMMENTED = "commented"
    WORSENED = "worsened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ESCALATED = "escalated"


class MatchRunState(TextChoices):
    """requested → running → draft, failed; draft → compared; draft, compared → publishing → published.

    A draft that is adjusted is requested again. All but published, discarded and failed may be discarded.
    """

    REQUESTED = "requested"
    RUNNING = "running"
    DRAFT = "draft"
    COMPARED = "compared"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    FAILED = "failed"


OPEN_RUNS = (
    MatchRunState.REQUESTED,
    MatchRunState.RUNNING,
    MatchRunState.DRAFT,
    MatchRunState.COMPARED,
    MatchRunState.PUBLISHING,
)
DRAFT_RUNS = (MatchRunState.DRAFT, MatchRunState.COMPARED)


class MatchRunKind(TextChoices):
    #: Whoever waits, with the pairs that exist as they are.
    MATCH = "match"
    #: Pairs that cannot go on, moved with the fewest moves.
    REMATCH = "rematch"
    #: Two solved pools compared; nothing can be published.
    WHAT_IF = "what_if"


class MatchScope(TextChoices):
    """Whom a run is over, as its options keep it: one cohort, those of the director who asked, or all there are."""

    COHORT = "cohort"
    MINE = "mine"
    ALL = "all"


class PairWish(TextChoices):
    """What a director says of one pair of a draft: in it, out of it, or as it comes."""

    KEEP = "keep"
    REFUSE = "refuse"
    FORGET = "forget"


class ProposalState(TextChoices):
    PROPOSED = "proposed"
    UNMATCHED = "unmatched"
    PUBLISHED = "published"
    LOST = "lost"


class HandoverState(TextChoices):
    """requested → planned, refused; planned → running, cancelled; running → done."""

    REQUESTED = "requested"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


#: Of these a mentor has at most one.
OPEN_HANDOVERS = (HandoverState.REQUESTED, HandoverState.PLANNED, HandoverState.RUNNING)


class CapacityKind(TextChoices):
    """The three limits of a mentor, never compared with each other (product.md §6)."""

    MENTEES = "mentees", "mentees"
    SESSIONS = "sessions", "sessions this week"
    REVIEWS = "reviews", "items that will be late"


class NotificationKind(TextChoices):
    FLAG = "flag"
    BREACH = "breach"
    WARNING = "warning"
    CAPACITY = "capacity"
    SESSION = "session"
    REVIEW = "review"
    ASSIGNMENT = "assignment"
    GOAL = "goal"
    REMINDER = "reminder"


class MailState(TextChoices):
    NONE = "none"
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
