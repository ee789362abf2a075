"""Foreign keys point the way imports point, and the reader's map of events is this."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.apps import apps
from django.conf import settings

from core.events import wiring

PROJECT = Path(settings.BASE_DIR)
#: The person is named by the setting: the kernel knows no app, and still addresses people.
PERSON = settings.AUTH_USER_MODEL


def layers() -> dict[str, int]:
    """App → its height in the import contract; siblings have one height."""
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (contract,) = [each for each in contracts if "containers" not in each and each["type"] == "layers"]
    return {
        app.strip(" ()"): height
        for height, layer in enumerate(reversed(contract["layers"]))
        for app in layer.split("|")
    }


def references() -> set[tuple[str, str, str]]:
    """(app, model.field, app pointed to) of every relation of our own models."""
    heights = layers()
    return {
        (model._meta.app_label, f"{model.__name__}.{field.name}", field.related_model._meta.app_label)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in heights
        for field in (*model._meta.get_fields(),)
        if field.is_relation
        and not field.auto_created
        and field.related_model
        and field.related_model._meta.label != PERSON
    }


def test_every_app_of_ours_has_its_layer() -> None:
    ours = {app.label for app in apps.get_app_configs() if Path(app.path).parent == PROJECT}
    # The kernel's admin site is configured beside django.contrib.admin and has no models of ours.
    assert ours <= layers().keys()


def test_foreign_keys_point_downwards_or_stay_at_home() -> None:
    heights = layers()
    found = references()
    assert ("missions", "MissionSubmission.enrolment", "users") in found
    upwards = {
        f"{app}.{field} → {target}"
        for app, field, target in found
        if app != target and heights.get(target, -1) >= heights[app]
    }
    assert upwards == set()


def test_only_the_kernel_addresses_people_from_below_them() -> None:
    heights = layers()
    below = {
        model._meta.label
        for model in apps.get_models()
        if heights.get(model._meta.app_label, 99) < heights["users"]
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
    }
    assert below == {"core.StreamCounter", "core.StreamEvent", "core.IdempotencyKey"}


def test_events_are_heard_by_exactly_these() -> None:
    assert wiring() == {
        "coaching.GoalAnswered": ["mentorship_coordination.handlers.complete_feedback"],
        "coaching.GoalOverdue": ["mentorship_coordination.handlers.open_feedback"],
        "coaching.GoalSettled": ["mentorship_coordination.handlers.call_feedback_off_soon"],
        "coaching.StreakBroken": ["mentorship_coordination.handlers.tell_of_streak"],
        "missions.SubmissionReceived": ["mentorship_coordination.handlers.open_or_update_review"],
        "missions.SubmissionReviewed": ["mentorship_coordination.handlers.complete_reviews"],
        "student_dashboard.RiskCleared": ["mentorship_coordination.handlers.close_assessment"],
        "student_dashboard.RiskLimitCrossed": ["mentorship_coordination.handlers.open_assessment"],
        "users.AccountClosed": ["mentorship_coordination.handlers.withdraw"],
        "users.MentorCapacityChanged": ["mentorship_coordination.handlers.check_capacity_soon"],
        "users.MentorLeaves": ["mentorship_coordination.handlers.hand_over"],
        "users.PersonErased": ["missions.handlers.remove_files_of_erased"],
        "users.ZoneChanged": ["student_dashboard.handlers.count_days_anew"],
    }


def test_events_are_heard_by_higher_apps_only() -> None:
    heights = layers()
    for event, handlers in wiring().items():
        for handler in handlers:
            assert heights[handler.partition(".")[0]] > heights[event.partition(".")[0]], (event, handler)
