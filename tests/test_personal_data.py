"""All that is kept of a person …"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from core.personal_data import list_kept
from core.tenancy.identity import Identity, Role, acting_as
from tests.database import as_system, as_worker
from tests.people import browser_of
from tests.tenancy.test_endpoints import world
from tests.tenancy.world import World
from users.models import User

__all__ = ["world"]

#: Tables that name a person and are handed to nobody.
SECRETS = {"users.Credential", "users.LoginSession"}
OURS = {"core", "users", "missions", "coaching", "student_dashboard", "mentorship_coordination"}


def exported(person: User) -> dict[str, Any]:
    out = StringIO()
    with as_worker():
        call_command("export_person", person.email, stdout=out)
    collected: dict[str, Any] = json.loads(out.getvalue())
    return collected


def test_is_said_of_every_table_that_names_a_person() -> None:
    naming = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and any(field.related_model is User for field in model._meta.concrete_fields if field.is_relation)
    }
    assert naming - {each.model for each in list_kept()} == SECRETS


def test_names_every_column_by_which_a_row_is_hers() -> None:
    """A column that names a person and is forgotten would leave rows behind."""
    forgotten = []
    for label in sorted({each.model for each in list_kept()}):
        said = {lookup for each in list_kept() if each.model == label for lookup in each.whose}
        model = apps.get_model(label)
        fields = [field.name for field in model._meta.concrete_fields if field.related_model is User]
        forgotten += [f"{label}.{name}" for name in fields if name not in said]
    assert forgotten == ["missions.MissionSubmission.mentor", "student_dashboard.StudentDashboard.mentor"]


def test_has_her_rows_and_nobody_elses(world: World) -> None:
    student, strange = world.mine.people["student"], world.strange.people["student"]
    tables = exported(student)["tables"]
    filled = {name for name, table in tables.items() if table["rows"]}
    assert {
        "users.User", "users.Enrolment", "missions.MissionSubmission", "missions.SubmissionVersion",
        "missions.MissionReview", "coaching.Habit", "coaching.Goal", "student_dashboard.StudentDashboard",
        "mentorship_coordination.MentorSession", "mentorship_coordination.MentorFlag",
        "mentorship_coordination.Notification", "core.StreamEvent",
    } <= filled  # fmt: skip
    text = json.dumps(tables)
    assert str(student.pk) in text
    assert str(strange.pk) not in text
    assert str(strange.email) not in text


def test_leaves_the_texts_of_flags_and_secrets_out_and_says_why(world: World) -> None:
    tables = exported(world.mine.people["student"])["tables"]
    flags = tables["mentorship_coordination.MentorFlag"]
    assert len(flags["rows"]) == 1
    assert "reason" not in flags["rows"][0]
    assert "never shown to the student" in flags["left_out"]["reason"]
    assert "Silent." not in json.dumps(tables)
    assert "digest" not in tables["users.AccessToken"]["rows"][0]


def test_leaves_private_notes_to_their_author(world: World) -> None:
    mine = world.mine
    key = mine.rows["mentorship_coordination_sessionnote"]
    with as_system():
        note = apps.get_model("mentorship_coordination.SessionNote").objects.filter(pk=key)
        assert note.update(is_private=True) == 1
    table = "mentorship_coordination.SessionNote"
    assert exported(mine.people["student"])["tables"][table]["rows"] == []
    assert [each["id"] for each in exported(mine.people["mentor"])["tables"][table]["rows"]] == [key]


def test_why_a_mentor_was_away_is_not_told_to_who_stood_in(world: World) -> None:
    away, backup = world.mine.people["mentor"], world.strange.people["mentor"]
    table = "mentorship_coordination.MentorAbsence"
    with as_system():
        absences = apps.get_model(table).objects.filter(mentor=away)
        assert absences.update(backup=backup, reason="In hospital.") == 1
    assert [each["reason"] for each in exported(away)["tables"][table]["rows"]] == ["In hospital."]
    told = exported(backup)["tables"][table]
    assert any(each["backup_id"] == str(backup.pk) and "reason" not in each for each in told["rows"])
    assert "why she was away is hers" in told["left_out"]["reason"]
    assert "In hospital." not in json.dumps(told)


def test_says_who_changed_others_but_not_what_they_were(world: World) -> None:
    """What an admin changed of others is told to them, and only that she changed it to her."""
    admin, student = world.mine.people["admin"], world.mine.people["student"]
    with acting_as(Identity(Role.ADMIN, admin.pk)), transaction.atomic():
        assert User.objects.filter(pk=student.pk).update(email="former@academy.example") == 1
        assert User.objects.filter(pk=student.pk).update(email=student.email) == 1
    table = "core.AuditEntry"
    assert "former@academy.example" in json.dumps(exported(student)["tables"][table])
    told = exported(admin)["tables"]
    assert any(each["row_id"] == str(student.pk) and "changed" not in each for each in told[table]["rows"])
    assert "former@academy.example" not in json.dumps(told)


def test_leaves_out_what_directors_wrote_and_how_others_scored(world: World) -> None:
    tables = exported(world.mine.people["student"])["tables"]
    for label, columns in {
        "missions.MissionReview": {"reason"},
        "mentorship_coordination.AssignmentEntry": {"reason"},
        "mentorship_coordination.MatchProposal": {"parts", "score", "blocked", "explanation"},
    }.items():
        assert columns <= set(tables[label]["left_out"])
        assert not any(columns & set(each) for each in tables[label]["rows"])


def test_has_no_row_twice(world: World) -> None:
    """A mentor takes part in the session that she wrote the note of."""
    for person in world.mine.people.values():
        for label, table in exported(person)["tables"].items():
            rows = [json.dumps(each, sort_keys=True) for each in table["rows"]]
            assert len(rows) == len(set(rows)), label


def test_is_a_file_for_admins_alone(world: World) -> None:
    people = world.mine.people
    address = reverse("admin:users_user_export", args=[people["student"].pk])
    answer = browser_of(people["admin"]).get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.content)["person"] == str(people["student"].pk)
    assert browser_of(people["mentor"]).get(address).status_code in {302, 403}


def test_is_written_into_a_new_file_only(world: World, tmp_path: Path) -> None:
    file = tmp_path / "her.json"
    email = world.mine.people["student"].email
    with as_worker():
        call_command("export_person", email, "--to", str(file), stdout=StringIO())
        assert json.loads(file.read_text())["tables"]
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_person", email, "--to", str(file), stdout=StringIO())
        with pytest.raises(CommandError, match="Nobody has the address"):
            call_command("export_person", "nobody@academy.example", stdout=StringIO())
