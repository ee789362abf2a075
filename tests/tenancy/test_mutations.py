"""Every policy matters: whichever rule is forgotten, always holds or loses a condition, the matrix notices."""

from __future__ import annotations

import pytest

from core.tenancy.spec import MY_COHORTS, MY_MENTEES, UID, collect
from tests.tenancy.expectations import ROLES, ROLES_OF
from tests.tenancy.matrix import Matrix
from tests.tenancy.mutations import Mutant, mutants_of
from tests.tenancy.scenes import differences
from tests.tenancy.test_planted_holes import run_as_owner

RULES = collect().tenant
#: Conditions that the rest of their rule implies: they stand there for an index, or for the reader.
IMPLIED = {
    ("missions_missionsubmission", "student", f"c student_id = {UID}"): "she sees no enrolment but her own",
    ("missions_missionsubmission", "student", f"u written student_id = {UID}"): "she may not update that column",
    ("coaching_habitlog", "student", f"c student_id = {UID}"): "she sees no habit but her own",
    ("coaching_goal", "student", f"c student_id = {UID}"): "she sees no enrolment but her own",
    ("coaching_goalfeedback", "mentor", f"c student_id = {MY_MENTEES}"): "she sees no goal but her mentees'",
    (
        "mentorship_coordination_menteementorassignment",
        "director",
        f"c cohort_id = {MY_COHORTS}",
    ): "she sees no enrolment but of her cohorts",
    (
        "mentorship_coordination_mentorflag",
        "director",
        f"c cohort_id = {MY_COHORTS}",
    ): "she sees no enrolment but of her cohorts",
}


@pytest.mark.parametrize("table", RULES)
def test_no_fault_of_a_policy_survives(matrix: Matrix, table: str) -> None:
    survivors = []
    for mutant in mutants_of(table, RULES[table]):
        run_as_owner("; ".join(mutant.statements(RULES[table])))
        try:
            is_implied = (table, mutant.role, mutant.part) in IMPLIED
            if is_noticed(matrix, table, mutant) == is_implied:
                survivors.append(mutant.what)
        finally:
            run_as_owner("; ".join(mutant.undo(RULES[table])))
    assert not survivors, "\n" + "\n".join(survivors)
    assert matrix.differences([table]) == []


def is_noticed(matrix: Matrix, table: str, mutant: Mutant) -> bool:
    roles = ROLES_OF[mutant.role]
    return bool(matrix.differences([table], roles) or list(differences(matrix.sessions, matrix.world, [table], roles)))


def test_scenes_go_as_they_should(matrix: Matrix) -> None:
    assert list(differences(matrix.sessions, matrix.world, RULES, ROLES)) == []
