"""The whole demonstration academy, stage by stage, in one transaction: either all of it is there or nothing."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from django.contrib.auth.hashers import make_password
from django.db import transaction

from core.enums import Rank
from mentorship_coordination.seed.academy import add_cohorts, add_tracks
from mentorship_coordination.seed.demo import (
    add_demo_decline,
    add_demo_flag,
    add_demo_goals,
    add_demo_habits,
    add_demo_queue,
    add_demo_session,
    add_demo_silence,
    add_demo_student,
    demo_mentees,
    demo_mentees_at_risk,
)
from mentorship_coordination.seed.goals import Goals
from mentorship_coordination.seed.history import add_history
from mentorship_coordination.seed.items import Items, Policies, current_policies
from mentorship_coordination.seed.meetings import Meetings
from mentorship_coordination.seed.pairs import add_pairs
from mentorship_coordination.seed.people import add_people
from mentorship_coordination.seed.practice import Practice, end_streaks
from mentorship_coordination.seed.submissions import Submissions
from mentorship_coordination.seed.wishes import Wishes
from mentorship_coordination.seed.world import Options, SeedCohort, World
from mentorship_coordination.seed.worries import Worries
from mentorship_coordination.seed.writer import Ids, Writer
from missions.cohort_scores import store_means
from student_dashboard.models import DashboardUpdateQueue
from users.demo import ADMIN_EMAIL, DOMAIN
from users.models import User

Progress = Callable[[str, int, float], None]
_REASON = "seeded"


def has_seed() -> bool:
    """Whether a seed was written: its admin is the last of its people."""
    return User.objects.filter(email=ADMIN_EMAIL).exists()


def has_other_people() -> bool:
    """Whether there is anybody whom no seed made."""
    return User.objects.exclude(email__endswith=f"@{DOMAIN}").exists()


def build(options: Options, *, password: str, progress: Progress) -> dict[str, int]:
    """Write the world of `options` and return how many rows of each table that were, by the table's name in words.

    Acts as the system. `progress` hears of each stage: its name, its rows, its seconds. The same options give the same
    people and facts, relative to `options.at`. See the README, "Commands".
    """
    hashed = make_password(password)
    with transaction.atomic(), Writer() as writer:
        world = World(options, writer, Ids(options.random("ids")))
        for name, stage in (
            ("tracks and cohorts", _add_academy),
            ("people", lambda world: add_people(world, password_hash=hashed)),
            ("pairs", add_pairs),
            ("work, sessions, practice", _add_life),
            ("streaks, history", _look_back),
            ("refreshes", _queue_refreshes),
        ):
            began, before = perf_counter(), sum(writer.written.values())
            stage(world)
            writer.flush()
            writer.wait()
            progress(name, sum(writer.written.values()) - before, perf_counter() - began)
    return {str(model._meta.verbose_name_plural): count for model, count in writer.written.items()}


def _add_academy(world: World) -> None:
    add_tracks(world)
    add_cohorts(world)


def _add_life(world: World) -> None:
    """Cohort by cohort: each is written before the next is made up, so that memory stays small."""
    policies = current_policies()
    for cohort in world.cohorts:
        is_demo = cohort is world.cohorts[0]
        _add_cohort(world, cohort, policies, is_demo=is_demo)
        _add_coaching(world, cohort, policies, is_demo=is_demo)
        world.writer.flush()


def _add_cohort(world: World, cohort: SeedCohort, policies: Policies, *, is_demo: bool) -> None:
    random = world.options.random(f"life of {cohort.id}")
    items, worries = Items(world, policies, random), Worries(world, random)
    submissions, meetings = Submissions(world, items, random), Meetings(world, items, random)
    at_risk = demo_mentees_at_risk(world, cohort) if is_demo else []
    laid_out = [cohort.students[0], *demo_mentees(cohort), *at_risk] if is_demo else []
    if is_demo:
        add_demo_flag(world, cohort, worries)
    for student in cohort.students:
        if student not in laid_out:
            worries.add_for(cohort, student)
    if is_demo:
        _add_demo_work(world, cohort, submissions, meetings)
    for student in cohort.students:
        if student not in [*laid_out[:1], *at_risk]:
            submissions.add_for(cohort, student)
        if student not in at_risk:
            meetings.add_for(cohort, student)
    Wishes(world, meetings, world.options.random(f"wishes of {cohort.id}")).add_for(cohort)
    for mentor in cohort.mentors:
        worries.add_snippets(mentor)
        if random.random() < 0.25:
            meetings.add_group(cohort, mentor)


def _add_demo_work(world: World, cohort: SeedCohort, submissions: Submissions, meetings: Meetings) -> None:
    add_demo_student(world, cohort, submissions)
    add_demo_queue(world, cohort, submissions)
    add_demo_session(world, cohort, meetings)
    add_demo_decline(world, cohort, submissions, meetings)


def _add_coaching(world: World, cohort: SeedCohort, policies: Policies, *, is_demo: bool) -> None:
    random = world.options.random(f"practice of {cohort.id}")
    practice, goals = Practice(world, random), Goals(world, Items(world, policies, random), random)
    by_hand = [cohort.students[0], *demo_mentees_at_risk(world, cohort)] if is_demo else []
    if is_demo:
        add_demo_habits(cohort, practice)
        add_demo_goals(world, cohort, goals)
        add_demo_silence(world, cohort, practice, goals)
    for student in cohort.students:
        if student not in by_hand:
            practice.add_for(student)
            goals.add_for(cohort, student)
    practice.hand_in()


def _look_back(world: World) -> None:
    """What follows from the rows of everybody, which are in the tables by now."""
    end_streaks(world)
    store_means(at=world.at)
    add_history(world)


def _queue_refreshes(world: World) -> None:
    for cohort in world.cohorts:
        for student in cohort.students:
            world.writer.add(
                DashboardUpdateQueue,
                student_id=student.id,
                rank=Rank.LOW,
                reasons=[_REASON],
                requested_at=world.at,
                available_at=world.at,
            )
