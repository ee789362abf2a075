"""The "habits" and "goals" sections of students' dashboards, with what readiness and risk need of them.

A streak that ended is counted from rows that the sweep leaves behind: until it has run, at most half a minute after
midnight, a lost streak shows as 0 and not yet as a signal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from coaching.api.section_serializers import GoalsSectionSerializer, HabitsSectionSerializer
from coaching.counting import Break, CountedGoal, CountedHabit, count_goals, count_habits, list_breaks
from coaching.days import Kept
from coaching.standing import PARTS, SIGNALS
from student_dashboard.sections import Section, register_section

HABITS, GOALS = "habits", "goals"
#: Closed goals that the section names; the counters know them all.
SHOWN_CLOSED = 3


def habit_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
    """Student → section, in two queries however many students."""
    habits, breaks = count_habits(student_ids, at), list_breaks(student_ids, at)
    return {student_id: _habits(habits.get(student_id, []), breaks.get(student_id, [])) for student_id in student_ids}


def goal_sections(student_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, Section]:
    """Student → section, in one query however many students."""
    goals = count_goals(student_ids, at)
    return {student_id: _goals(goals.get(student_id, [])) for student_id in student_ids}


def _habits(habits: Sequence[CountedHabit], breaks: Sequence[Break]) -> Section:
    counted = [(habit, habit.kept) for habit in habits]
    kept, due = sum(each.kept for _, each in counted), sum(each.due for _, each in counted)
    kept_up = [_habit(habit, each) for habit, each in counted if habit.archived_on is None]
    return Section(
        content={
            "habits": kept_up,
            "current_streak": max((habit["streak"] for habit in kept_up), default=None),
            "longest_streak": max((habit.longest_streak for habit in habits), default=None),
            "completion": round(kept / due, 3) if due else None,
            "kept": kept,
            "due": due,
        },
        inputs={"consistency": {"kept": kept, "due": due}},
        evidence={"streak_broken": {"habits": [_break(each) for each in breaks]}},
        active_at=max((habit.active_at for habit in habits if habit.active_at), default=None),
    )


def _habit(habit: CountedHabit, counted: Kept) -> dict[str, Any]:
    return {
        "habit_id": habit.id,
        "name": habit.name,
        "cadence": habit.cadence,
        "streak": habit.streak,
        "longest_streak": habit.longest_streak,
        "is_at_risk": habit.is_at_risk,
        "is_logged_now": habit.is_logged_now,
        "kept": counted.kept,
        "due": counted.due,
        "recent": [{"date": day.isoformat(), "state": state} for day, state in habit.recent],
    }


def _break(each: Break) -> dict[str, Any]:
    return {
        "habit_id": each.habit_id,
        "name": each.name,
        "length": each.length,
        "last_date": each.last_date.isoformat(),
        "broken_on": each.broken_on.isoformat(),
    }


def _goals(goals: Sequence[CountedGoal]) -> Section:
    due, on_time = sum(goal.was_due for goal in goals), sum(goal.is_on_time for goal in goals)
    closed = sorted((goal for goal in goals if not goal.is_open), key=lambda goal: goal.updated_at, reverse=True)
    open_goals = [goal for goal in goals if goal.is_open]
    overdue = [goal for goal in open_goals if goal.is_overdue]
    return Section(
        content={
            "goals": [_goal(goal) for goal in (*open_goals, *closed[:SHOWN_CLOSED])],
            "open_count": len(open_goals),
            "overdue_count": len(overdue),
            "due": due,
            "on_time": on_time,
        },
        inputs={"goals": {"due": due, "on_time": on_time}},
        evidence={
            "goals_overdue": {
                "goals": [
                    {"goal_id": goal.id, "title": goal.title, "due_date": goal.due_date.isoformat()} for goal in overdue
                ]
            }
        },
        active_at=max((goal.updated_at for goal in goals), default=None),
    )


def _goal(goal: CountedGoal) -> dict[str, Any]:
    return {
        "goal_id": goal.id,
        "title": goal.title,
        "due_date": goal.due_date.isoformat(),
        "state": goal.state,
        "is_overdue": goal.is_overdue,
        "closed_date": goal.closed_date.isoformat() if goal.closed_date else None,
        "feedback_count": goal.feedback_count,
        "latest_feedback": goal.latest_feedback,
    }


register_section(HABITS, habit_sections, shape=HabitsSectionSerializer, parts=PARTS[:1], signals=SIGNALS[:1])
register_section(GOALS, goal_sections, shape=GoalsSectionSerializer, parts=PARTS[1:], signals=SIGNALS[1:])
