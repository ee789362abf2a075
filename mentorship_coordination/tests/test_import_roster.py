"""A roster is imported as a whole or not at all, and importing it again changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import events
from core.errors import NotPermitted
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.roster import RosterImport, import_roster
from mentorship_coordination.seed.content import TRACKS
from student_dashboard.models import DashboardUpdateQueue
from tests import factories
from tests.database import as_system, as_worker
from users.enums import EnrolmentState, TokenPurpose
from users.events import MentorCapacityChanged
from users.models import Cohort, Enrolment, OneTimeToken, User

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
AT = datetime(2026, 3, 18, 22, 30, tzinfo=UTC)
HEADER = (
    "role,email,name,timezone,languages,skills,wanted_skills,track,cohort,availability,weekly_sessions,max_mentees\n"
)
MENTOR = "mentor,grace@example.org,Grace Hopper,America/New_York,en,linux,,,,Mon 09:00-12:00,6,8\n"
STUDENT = "student,ada@example.org,Ada Lovelace,Asia/Kathmandu,en,,linux,forensics,Spring,Mon 10:00-12:00,,\n"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def tracks(db: None) -> None:
    with as_system():
        factories.TrackFactory(slug="forensics", name="Forensics")
        for track in TRACKS:
            factories.TrackFactory(slug=track.slug, name=track.name)


def imported(rows: str, *, dry_run: bool = False) -> RosterImport:
    with as_worker():
        return import_roster(text=HEADER + rows, by=None, at=AT, dry_run=dry_run)


def counts(found: RosterImport) -> tuple[int, int, int, int]:
    assert found.problems == ()
    return found.created, found.updated, found.unchanged, found.enrolled


def codes(found: RosterImport) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.code) for problem in found.problems]


def people() -> int:
    with as_system():
        return User.objects.count()


def test_creates_a_mentor_with_everything_that_the_row_says() -> None:
    assert counts(imported(MENTOR)) == (1, 0, 0, 0)

    with as_system():
        mentor = User.objects.get()
        assert (mentor.email, mentor.name, mentor.timezone, mentor.is_mentor) == (
            "grace@example.org",
            "Grace Hopper",
            "America/New_York",
            True,
        )
        assert (mentor.languages, mentor.mentor_specialties) == (["en"], ["linux"])
        assert mentor.mentor_availability == {"mon": [["09:00", "12:00"]]}
        assert (mentor.mentor_capacity_weekly, mentor.mentor_max_mentees) == (6, 8)


def test_creates_a_cohort_from_its_first_student_and_enrols_her() -> None:
    found = imported(STUDENT)

    assert counts(found) == (1, 0, 0, 1)
    assert [(each.name, each.track, each.timezone) for each in found.new_cohorts] == [
        ("Spring", "forensics", "Asia/Kathmandu")
    ]
    with as_system():
        cohort, student = Cohort.objects.get(), User.objects.get()
        # 22:30 UTC is the next day in Kathmandu.
        assert (cohort.start_date, cohort.end_date) == (date(2026, 3, 19), date(2026, 9, 15))
        assert Enrolment.objects.get().student == student
        assert student.student_availability == {"mon": [["10:00", "12:00"]]}
        assert DashboardUpdateQueue.objects.get().student_id == student.pk


def test_invites_new_people_once() -> None:
    imported(MENTOR)
    imported(MENTOR + STUDENT)

    with as_system():
        tokens = OneTimeToken.objects.order_by("created_at", "user__email")
        assert sorted(tokens.values_list("user__email", flat=True)) == ["ada@example.org", "grace@example.org"]
        assert set(tokens.values_list("purpose", "available_at")) == {(TokenPurpose.INVITATION, AT)}


def test_changes_nothing_the_second_time() -> None:
    imported(MENTOR + STUDENT)
    with as_system():
        before = list(User.objects.order_by("pk").values())

    assert counts(imported(MENTOR + STUDENT)) == (0, 0, 2, 0)
    with as_system():
        assert list(User.objects.order_by("pk").values()) == before
        assert Enrolment.objects.count() == Cohort.objects.count() == 1


def test_updates_what_the_file_says_and_keeps_what_it_leaves_empty() -> None:
    imported(MENTOR)

    changed = "mentor,grace@example.org,Grace Hopper,Europe/Oslo,,,,,,,3,\n"
    assert counts(imported(changed)) == (0, 1, 0, 0)
    with as_system():
        mentor = User.objects.get()
        assert (mentor.timezone, mentor.mentor_capacity_weekly) == ("Europe/Oslo", 3)
        assert (mentor.mentor_specialties, mentor.mentor_max_mentees) == (["linux"], 8)
        assert mentor.revision == 2


def test_says_when_a_mentors_capacity_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[MentorCapacityChanged] = []
    monkeypatch.setitem(events._handlers, MentorCapacityChanged, [said.append])
    imported(MENTOR)
    imported(MENTOR.replace(",6,8", ",4,8"))

    assert [(each.before, each.after) for each in said] == [(6, 4)]


def test_makes_a_student_a_mentor_as_well() -> None:
    imported(STUDENT)

    both = "mentor,ada@example.org,Ada Lovelace,Asia/Kathmandu,en,linux,,,,,5,4\n"
    assert counts(imported(both)) == (0, 1, 0, 0)
    with as_system():
        person = User.objects.get()
        assert person.is_mentor
        assert person.wanted_skills == ["linux"]


def test_writes_nothing_when_one_row_is_wrong() -> None:
    found = imported(MENTOR + STUDENT.replace("Asia/Kathmandu", "Asia/Katmandoo"))

    assert codes(found) == [(3, "timezone", "unknown_zone")]
    assert people() == 0


def test_refuses_a_second_cohort_for_a_student() -> None:
    imported(STUDENT)

    assert codes(imported(STUDENT.replace("Spring", "Autumn"))) == [(2, "cohort", "other_cohort")]
    other = STUDENT.replace("ada@", "bea@").replace("Ada Lovelace", "Bea Hale")
    assert codes(imported(other + other.replace("Spring", "Autumn"))) == [(3, "cohort", "other_cohort")]
    assert people() == 1


def test_refuses_another_track_for_a_cohort() -> None:
    imported(STUDENT)

    other = STUDENT.replace("ada@", "bea@").replace("forensics", "digital-forensics")
    assert codes(imported(other)) == [(2, "track", "track_of_cohort")]
    new = STUDENT.replace("ada@", "cleo@").replace("Spring", "Winter")
    clash = other.replace("Spring", "Winter")
    assert codes(imported(new + clash)) == [(3, "track", "track_of_cohort")]


def test_refuses_a_cohort_that_has_ended() -> None:
    with as_system():
        track = factories.TrackFactory(slug="closed")
        factories.CohortFactory(track=track, name="Old", start_date=date(2025, 1, 1), end_date=date(2025, 7, 1))

    rows = STUDENT.replace("forensics", "closed").replace("Spring", "Old")
    assert codes(imported(rows)) == [(2, "cohort", "cohort_ended")]


def test_refuses_a_closed_account() -> None:
    with as_system():
        factories.UserFactory(email="grace@example.org", is_active=False)

    assert codes(imported(MENTOR)) == [(2, "email", "account_closed")]


def test_leaves_an_enrolment_that_rests_as_it_is() -> None:
    imported(STUDENT)
    with as_system():
        Enrolment.objects.update(state=EnrolmentState.PAUSED)

    assert counts(imported(STUDENT)) == (0, 0, 1, 0)
    with as_system():
        assert Enrolment.objects.get().state == EnrolmentState.PAUSED


def test_counts_the_same_and_writes_nothing_on_a_dry_run() -> None:
    found = imported(MENTOR + STUDENT, dry_run=True)

    assert counts(found) == (2, 0, 0, 1)
    assert found.is_dry_run
    assert people() == 0


def test_takes_a_number_of_queries_that_does_not_grow_with_the_file() -> None:
    def rows(number: int) -> str:
        return "".join(STUDENT.replace("ada@", f"a{each}@") for each in range(number))

    used = []
    for number in (1, 20):
        with as_worker(), CaptureQueriesContext(connection) as queries:
            import_roster(text=HEADER + rows(number), by=None, at=AT)
        used.append(len(queries))
    assert used[1] <= used[0]


def test_works_as_an_admin_and_for_nobody_else() -> None:
    with as_system():
        admin, other = factories.UserFactory(is_staff=True), factories.MentorFactory()

    with acting_as(Identity(Role.ADMIN, admin.pk)):
        found = import_roster(text=HEADER + MENTOR + STUDENT, by=admin, at=AT)
    assert counts(found) == (2, 0, 0, 1)
    with acting_as(Identity(Role.ADMIN, admin.pk)):
        again = import_roster(text=HEADER + MENTOR.replace("Hopper", "Murray"), by=admin, at=AT)
    assert counts(again) == (0, 1, 0, 0)
    with acting_as(Identity(Role.MENTOR, other.pk)), pytest.raises(NotPermitted):
        import_roster(text=HEADER + MENTOR, by=other, at=AT)


def command(*arguments: str) -> str:
    output = StringIO()
    with as_worker():
        call_command("import_roster", *arguments, stdout=output)
    return output.getvalue()


def test_imports_the_example_twice() -> None:
    path = str(EXAMPLES / "roster.csv")

    first, second = command(path), command(path)
    assert "182 created, 0 updated, 0 unchanged; 166 new enrolments." in first
    assert "New cohort Defensive Spring 2026 (defensive-cybersecurity): from today, 180 days, Europe/Warsaw." in first
    assert second.endswith("0 created, 0 updated, 182 unchanged; 0 new enrolments.\n")


def test_names_line_column_and_reason_of_every_bad_row(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(EXAMPLES / "roster_with_errors.csv")
    errors = StringIO()

    with as_worker(), pytest.raises(CommandError, match="37 problems: nothing was imported"):
        call_command("import_roster", path, stderr=errors)
    assert f"{path}:3 timezone: 'America/New_Yrok' is not an IANA time zone. Did you mean" in errors.getvalue()
    assert people() == 0


def test_says_which_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        command(str(tmp_path / "missing.csv"))


def test_sees_what_it_wrote_only_after_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(**_: object) -> None:
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr("mentorship_coordination.actions.roster.invite_all", break_down)
    with as_worker(), pytest.raises(RuntimeError, match="plug"):
        import_roster(text=HEADER + MENTOR + STUDENT, by=None, at=AT)
    with as_worker(), transaction.atomic():
        assert not User.objects.exists()
        assert not Cohort.objects.exists()
