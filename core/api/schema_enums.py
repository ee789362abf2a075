"""Names for the choices in the schema, so that generated clients have one type for one thing."""

from __future__ import annotations

from typing import Any, Final

#: Name in the schema → where the choices are.
ENUM_NAMES: Final = {
    "AssignmentEnd": "mentorship_coordination.api.assignments.END_CHOICES",
    "AssignmentState": "mentorship_coordination.enums.AssignmentState",
    "EnrolmentEnd": "mentorship_coordination.api.enrolments.END_CHOICES",
    "EnrolmentState": "users.enums.EnrolmentState",
    "FlagCategory": "mentorship_coordination.enums.FlagCategory",
    "FlagEntryKind": "mentorship_coordination.enums.FlagEntryKind",
    "FlagSeverity": "mentorship_coordination.enums.Severity.labels",
    "FlagState": "mentorship_coordination.enums.FlagState",
    "GoalState": "coaching.enums.GoalState",
    "HabitCadence": "coaching.enums.Cadence",
    "HandoverState": "mentorship_coordination.enums.HandoverState",
    "LogState": "coaching.enums.LogState",
    "MailState": "mentorship_coordination.enums.MailState",
    "MatchChange": "mentorship_coordination.api.match_serializers.CHANGES",
    "MatchRunKind": "mentorship_coordination.enums.MatchRunKind",
    "MatchRunState": "mentorship_coordination.enums.MatchRunState",
    "NextMissionReason": "missions.standing.NEXT",
    "NotificationKind": "mentorship_coordination.enums.NotificationKind",
    "ParticipantRole": "mentorship_coordination.enums.ParticipantRole",
    "PauseReason": "mentorship_coordination.enums.PauseReason",
    "ProposalState": "mentorship_coordination.enums.ProposalState",
    "ReviewDecision": "missions.enums.Decision",
    "SessionStatus": "mentorship_coordination.enums.SessionStatus",
    "SessionType": "mentorship_coordination.enums.SessionType",
    "SlaSpanReason": "mentorship_coordination.sla.clock.REASONS",
    "SubmissionState": "missions.enums.SubmissionState",
    "WorkPriority": "core.enums.Rank.labels",
    "WorkStatus": "mentorship_coordination.api.queue_serializers.STATUSES",
    "WorkType": "mentorship_coordination.enums.WorkType",
}
TRUE_OR_FALSE: Final = {"true", "false"}


def name_query_enums(result: dict[str, Any], generator: object, **_: object) -> dict[str, Any]:
    """Choices in queries refer to those of the same values in bodies; true or false is a boolean.

    A hook for after drf-spectacular's own, which leaves the choices of filters without a name.
    """
    names = _names_by_choices(result["components"]["schemas"])
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                choices = frozenset(parameter["schema"].get("enum", []))
                if choices == TRUE_OR_FALSE:
                    parameter["schema"] = {"type": "boolean"}
                elif choices in names:
                    parameter["schema"] = {"$ref": f"#/components/schemas/{names[choices]}"}
    return result


def _names_by_choices(schemas: dict[str, Any]) -> dict[frozenset[Any], str]:
    """Choices → their name. Raises ValueError when one set of choices has two names: two types for clients."""
    names: dict[frozenset[Any], str] = {}
    for name, schema in schemas.items():
        if choices := frozenset(schema.get("enum", [])):
            if choices in names:
                raise ValueError(f"{names[choices]} and {name} have the same choices: name them in ENUM_NAMES.")
            names[choices] = name
    return names
