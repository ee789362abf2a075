"""A person who is erased …"""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.db.models import Model, Q
from django.urls import reverse

from core import clock
from core.erasure import TOMBSTONE_NAME, list_erased, list_staying
from core.models import AuditEntry, IdempotencyKey, StreamEvent
from core.personal_data import list_kept
from core.tenancy.identity import Identity, Role, acting_as
from mentorship_coordination.actions.enrolments import end_enrolment
from mentorship_coordination.models.assignments import AvailabilityOverride, MenteeMentorAssignment
from mentorship_coordination.models.handovers import MentorHandover
from mentorship_coordination.models.matching import MatchRun
from mentorship_coordination.models.notifications import Notification
from mentorship_coordination.models.sessions import SessionNote
from mentorship_coordination.selectors.invariants import check_invariants
from mentorship_coordination.selectors.session_report import get_session_report
from mentorship_coordination.selectors.sla_report import get_sla_report
from missions.models import MissionReview, SubmissionFile, SubmissionVersion
from tests.database import as_system, as_worker
from tests.people import browser_of
from tests.tenancy.test_endpoints import versions, world
from tests.tenancy.world import World
from tests.test_personal_data import SECRETS
from users.actions.access import PersonWasErased, change_person
from users.enums import EnrolmentState
from users.models import Enrolment, User

__all__ = ["world"]

MARK = "Zwiebelfisch"
FAMILY = "Okaforová"
NAME = f'Mina (née) "Zwi" {FAMILY}'
NAMESAKE = f"{NAME}ská"
#: Of these she has no rows any more.
GONE = (AvailabilityOverride, SubmissionFile)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField, ArrayField)
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"


def written_columns(model: type[Model]) -> list[models.Field[Any, Any]]:
    """Columns that somebody may have written words into."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS) and not field.choices and not field.primary_key and not field.generated
    ]


def kept_models() -> list[type[Model]]:
    return [apps.get_model(label) for label in sorted({each.model for each in list_kept()} | SECRETS)]


def test_loses_every_column_that_does_not_stay_for_a_reason() -> None:
    """A column that is added to a table of hers has to be erased, or to stay and say why."""
    changed = {(each.table, column) for each in list_erased() for column in each.columns}
    gone = {each.table for each in list_erased() if not each.columns}
    staying = {(each.table, column) for each in list_staying() for column in each.columns}
    known = changed | staying
    forgotten = [
        f"{model._meta.db_table}.{field.column}"
        for model in kept_models()
        if model._meta.db_table not in gone - {table for table, _ in changed}
        for field in written_columns(model)
        if (model._meta.db_table, field.column) not in known
    ]
    assert forgotten == []
    assert staying & changed == set()


@pytest.fixture
def marked(world: World) -> World:
    """Her words stand in every column of every row that is kept of her, and her name in what others were told."""
    student, mentor = world.mine.people["student"], world.mine.people["mentor"]
    with acting_as(Identity(Role.ADMIN, world.mine.people["admin"].pk)), transaction.atomic():
        User.objects.filter(pk=student.pk).update(email=f"former-{MARK.lower()}@academy.example")
        User.objects.filter(pk=student.pk).update(email=student.email)
    staying = {(each.table, column) for each in list_staying() for column in each.columns}
    with OwnerCursor() as cursor:
        for each in list_kept():
            mark(cursor, apps.get_model(each.model), each.whose, student.pk, staying)
        cursor.execute("UPDATE users_user SET name = %s WHERE id = %s", [NAME, str(student.pk)])
    student.name = NAME
    at = clock.now()
    with as_system():
        about = {"recipient": mentor, "kind": "assignment", "created_at": at}
        Notification.objects.create(title=f"Your mentorship with {NAME} has ended", body="", **about)
        Notification.objects.create(title="You take over somebody", body=MARK, url=f"/x/{student.pk}", **about)
        Notification.objects.create(title="3 more", body=f"Ann, {NAME}, Bo <{student.email}>", **about)
        session, pair = world.mine.rows["mentorship_coordination_mentorsession"], world.mine.assignment.pk
        Notification.objects.create(title="Disputed", body=MARK, dedupe_key=f"session:{session}:disputed", **about)
        Notification.objects.create(title=f"{MARK} has ended", dedupe_key=f"assignment:{pair}:2:ended", **about)
        moves = [
            {"mentee": str(student.pk), "mentee_name": NAME, "sessions": [{"title": MARK}]},
            {"mentee": str(mentor.pk), "mentee_name": "Ann", "sessions": [{"title": "Kept"}]},
        ]
        MentorHandover.objects.filter(mentor=mentor).update(plan={"moves": moves})
        MatchRun.objects.filter(cohort=world.mine.enrolment.cohort).update(summary={"pairs": [{"mentee": NAME}]})
        answer = {"mentee": str(student.pk), "text": MARK}
        IdempotencyKey.objects.filter(person=mentor).update(answer=answer)
        data = f'{{"kind":"streak_broken","mentee":"{student.pk}","habit":"{MARK}","length":3}}'
        StreamEvent.objects.filter(recipient=mentor).update(data=data)
        LogEntry.objects.create(
            user=world.mine.people["admin"],
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(student.pk),
            object_repr=NAME,
            action_flag=2,
            change_message=MARK,
        )
        LogEntry.objects.create(
            user=world.mine.people["admin"],
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(mentor.pk),
            object_repr=NAMESAKE,
            action_flag=2,
            change_message="The address.",
        )
    return world


class OwnerCursor:
    """As the owner, who is bound by no policy; commits at the end of the block."""

    def __enter__(self) -> Any:
        self.connection = psycopg2.connect(settings.DATABASE_URL)
        return self.connection.cursor()

    def __exit__(self, *failure: object) -> None:
        self.connection.commit() if failure[0] is None else self.connection.rollback()
        self.connection.close()


def mark(cursor: Any, model: type[Model], whose: tuple[str, ...], person: UUID, staying: set[tuple[str, str]]) -> None:
    wanted = Q()
    for lookup in whose:
        wanted |= Q(**{lookup: person})
    with as_system():
        keys = [str(key) for key in model._default_manager.filter(wanted).values_list("pk", flat=True).distinct()]
    table, pk = model._meta.db_table, model._meta.pk.column
    for field in written_columns(model):
        if (
            (table, field.column) in staying
            or isinstance(field, models.FileField)
            or field.name in {"email", "timezone"}
        ):
            continue
        change = f"UPDATE {table} SET {field.column} = {marked_value(field, str(pk))} WHERE {pk}::text = ANY (%s)"
        cursor.execute(change, [MARK, keys])


def marked_value(field: models.Field[Any, Any], pk: str) -> str:
    """As SQL; what is JSON keeps its shape, as far as its readers go into it."""
    if isinstance(field, ArrayField):
        return "ARRAY[%s::text]"
    if isinstance(field, models.JSONField) and field.default is list:
        return "jsonb_build_array(jsonb_build_object('evidence', %s::text))"
    if isinstance(field, models.JSONField):
        return "jsonb_build_object('reason', jsonb_build_array(NULL, %s::text))"
    return f"left(%s::text || {pk}, {field.max_length or 500})"


def erased(person: User, *options: str) -> str:
    out = StringIO()
    with as_worker():
        call_command("erase_person", person.email, *options, stdout=out)
    return out.getvalue()


def rows_with(*words: str) -> dict[str, int]:
    """Table → rows that hold one of the words, in any column; over every table that there is."""
    found = {}
    with OwnerCursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            holds = "EXISTS (SELECT FROM unnest(%s) AS w WHERE t::text ILIKE '%%' || w || '%%')"
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE {holds}", [list(words)])
            (count,) = cursor.fetchone()
            if count:
                found[table] = count
    return found


def broken() -> set[int]:
    with as_system():
        return {each.invariant.number for each in check_invariants(clock.now()) if each.offending}


def figures(world: World, at: datetime) -> tuple[str, str, dict[str, int]]:
    """What others read: reports of the cohort; and how many rows there are."""
    cohorts, since, until = [world.mine.enrolment.cohort_id], at - timedelta(days=40), at + timedelta(days=9)
    with as_system():
        counts = {
            model._meta.label: model._default_manager.count()
            for model in apps.get_models()
            if model._meta.app_label in {"missions", "coaching", "mentorship_coordination"} and model not in GONE
        }
        return (
            repr(get_sla_report(cohorts, since=since, until=until)),
            repr(get_session_report(cohorts, since=since, until=until)),
            counts,
        )


def test_leaves_no_word_of_hers_in_any_table(marked: World) -> None:
    student, mine = marked.mine.people["student"], marked.mine
    assert len(rows_with(MARK)) > 20
    with as_system():
        path = SubmissionFile.objects.filter(version__submission__student=student).values_list("content", flat=True)[0]
        note = SessionNote.objects.get(pk=mine.rows["mentorship_coordination_sessionnote"])
        before = SubmissionVersion.objects.count()
    with acting_as(Identity(Role.ADMIN, mine.people["admin"].pk)):
        end_enrolment(
            enrolment_id=mine.enrolment.pk,
            state=EnrolmentState.WITHDRAWN,
            reason=MARK,
            by=mine.people["admin"],
            at=clock.now(),
        )
    at = clock.now()
    were, strange, faults = figures(marked, at), versions(marked.strange), broken()

    told = erased(student)

    assert rows_with(MARK, f"{FAMILY} ", f'{FAMILY}"', f"{FAMILY},", student.email) == {}
    assert rows_with(FAMILY) == rows_with(NAMESAKE.rpartition(" ")[2]) == {"django_admin_log": 1}
    assert not default_storage.exists(path)
    assert figures(marked, at) == were
    assert {key for key, value in versions(marked.strange).items() if value != strange[key]} == set()
    assert broken() <= faults
    with as_system():
        tomb = User.objects.get(pk=student.pk)
        assert (tomb.name, tomb.email) == (TOMBSTONE_NAME, f"erased-{student.pk}@erased.invalid")
        assert (tomb.is_active, tomb.is_staff, tomb.is_mentor, tomb.languages, tomb.preferences) == (
            False, False, False, [], {},
        )  # fmt: skip
        assert SubmissionVersion.objects.count() == before
        assert SessionNote.objects.get(pk=note.pk).author_id == note.author_id
        plan = MentorHandover.objects.get(mentor=mine.people["mentor"]).plan
        assert [each["mentee_name"] for each in plan["moves"]] == [TOMBSTONE_NAME, "Ann"]
        assert plan["moves"][1]["sessions"] == [{"title": "Kept"}]
        assert LogEntry.objects.get(object_repr=NAMESAKE).change_message == "The address."
        kept = IdempotencyKey.objects.get(person=mine.people["mentor"])
        assert kept.answer == {}
        line = AuditEntry.objects.get(verb="erase")
        assert (line.by, line.role, line.row_id) == (None, "system", str(student.pk))
        assert line.changed["missions_submissionversion"] == [None, 1]
    assert "missions_submissionversion" in told


def test_stays_as_she_was_in_a_dry_run(marked: World) -> None:
    student = marked.mine.people["student"]
    before = rows_with(MARK)
    assert "Nothing was changed." in erased(student, "--dry-run")
    assert rows_with(MARK) == before
    with as_system():
        assert Enrolment.objects.get(pk=marked.mine.enrolment.pk).state == "active"
        assert all(default_storage.exists(str(each.content)) for each in SubmissionFile.objects.all())


def test_is_withdrawn_in_the_same_step_and_erased_by_an_admin_who_types_her_address(world: World) -> None:
    people = world.mine.people
    admin, address = browser_of(people["admin"]), reverse("admin:users_user_erase", args=[people["student"].pk])
    student = browser_of(people["student"])
    assert student.get(reverse("student-page")).status_code == 200
    assert "for good" in admin.get(address).content.decode()
    assert "not the address" in admin.post(address, {"email": "other@academy.example"}).content.decode()
    assert admin.post(address, {"email": people["student"].email}).status_code == 302
    with as_system():
        assert Enrolment.objects.get(pk=world.mine.enrolment.pk).state == "withdrawn"
        assert AuditEntry.objects.get(verb="erase").by == people["admin"].pk
    assert student.get(reverse("student-page")).status_code == 302
    assert browser_of(people["mentor"]).get(address).status_code in {302, 403}
    assert admin.get(reverse("admin:core_auditentry_changelist")).status_code == 200
    assert (
        "Another admin has to erase you."
        in admin.post(
            reverse("admin:users_user_erase", args=[people["admin"].pk]), {"email": people["admin"].email}
        ).content.decode()
    )


def test_leaves_what_she_wrote_to_others_as_their_mentor(world: World) -> None:
    former = world.mine.people["former"]
    with as_system():
        User.objects.filter(pk=former.pk).update(is_mentor=False)
        assert MissionReview.objects.filter(submission__student=world.mine.people["student"]).update(reviewer=former)
    erased(former)
    with as_system():
        review = MissionReview.objects.select_related("reviewer").get(reviewer=former)
        assert (review.feedback, str(review.reviewer)) == ("No.", TOMBSTONE_NAME)


def test_is_no_mentor_and_not_the_last_admin(world: World) -> None:
    with pytest.raises(CommandError, match="hand_over"):
        erased(world.mine.people["mentor"])
    with as_system():
        User.objects.filter(is_staff=True).exclude(pk=world.mine.people["admin"].pk).update(is_staff=False)
    with pytest.raises(CommandError, match="Somebody must remain"):
        erased(world.mine.people["admin"])
    with pytest.raises(CommandError, match="Nobody has the address"):
        erased(User(email="nobody@academy.example"))


@pytest.mark.parametrize("role", [Role.STUDENT, Role.MENTOR, Role.DIRECTOR, Role.PERSON])
def test_is_erased_by_nobody_else(world: World, role: Role) -> None:
    mine = world.mine.people
    person = mine.get(role.value, mine["person"])
    with (
        acting_as(Identity(role, person.pk)),
        pytest.raises(Exception, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT app.erase_person(%s, %s)", [mine["student"].pk, clock.now()])


def test_takes_with_her_what_an_earlier_end_left_behind(world: World) -> None:
    """An enrolment that was ended by other means than its own action still has its pair."""
    with as_system():
        Enrolment.objects.filter(pk=world.mine.enrolment.pk).update(state="withdrawn", ended_at=clock.now())
        assert MenteeMentorAssignment.objects.live().filter(enrolment=world.mine.enrolment).exists()
    erased(world.mine.people["student"])
    with as_system():
        assert not MenteeMentorAssignment.objects.live().filter(enrolment=world.mine.enrolment).exists()


def test_is_refused_while_somebody_counts_on_her(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a pair begins after it was looked at."""
    monkeypatch.setattr("users.actions.erasure.AccountClosed", lambda **_: object())
    with pytest.raises(CommandError, match="Somebody still counts on this person"):
        erased(world.mine.people["student"])


def test_is_not_brought_back_by_a_page_that_was_open(world: World) -> None:
    admin, student = world.mine.people["admin"], world.mine.people["student"]
    erased(student)
    page = reverse("admin:users_user_change", args=[student.pk])
    assert browser_of(admin).post(page, {"name": "Mina", "email": "mina@academy.example"}).status_code == 403
    with as_system():
        tomb = User.objects.get(pk=student.pk)
        tomb.name = "Mina"
    with acting_as(Identity(Role.ADMIN, admin.pk)), pytest.raises(PersonWasErased):
        change_person(person=tomb, by=admin, at=clock.now())
