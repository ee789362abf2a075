"""Faults of every policy, made from the specification: a rule forgotten, one that always holds, a condition gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.tenancy.identity import Role
from core.tenancy.spec import ALL, VERBS, Allow
from core.tenancy.sql import policies_of, policy_name

STAFF = (Role.ADMIN, Role.SYSTEM)


@dataclass(frozen=True)
class Mutant:
    """`rules` are those of the table with the fault in them."""

    table: str
    role: Role
    what: str
    rules: tuple[Allow, ...]
    #: The condition that was left out, if that is the fault.
    part: str = ""

    def statements(self, before: tuple[Allow, ...]) -> Iterator[str]:
        """From `before` to the fault, or back with the two exchanged."""
        yield from _statements(self.table, self.role, before, self.rules)

    def undo(self, before: tuple[Allow, ...]) -> Iterator[str]:
        yield from _statements(self.table, self.role, self.rules, before)


def mutants_of(table: str, rules: tuple[Allow, ...]) -> Iterator[Mutant]:
    for nth, rule in enumerate(rules):
        if rule.role in STAFF:
            continue
        name = f"{rule.role} {rule.verbs} on {rule.rows[:60]!r}"
        yield Mutant(table, rule.role, f"without the rule {name}", (*rules[:nth], *rules[nth + 1 :]))
        if rule.rows != ALL:
            always = replace(rule, rows=ALL, check=None)
            yield Mutant(table, rule.role, f"for every row: {name}", (*rules[:nth], always, *rules[nth + 1 :]))
        for part, weaker in _weaker(rule):
            changed = (*rules[:nth], weaker, *rules[nth + 1 :])
            yield Mutant(table, rule.role, f"without {part[:80]!r}: {name}", changed, f"{rule.verbs} {part}")


def _weaker(rule: Allow) -> Iterator[tuple[str, Allow]]:
    """The rule without one of its conditions; of rows and of what is written each by itself."""
    for part, rest in _without_one(rule.rows):
        yield part, replace(rule, rows=rest, check=rule.check)
    if rule.check is not None:
        for part, rest in _without_one(rule.check):
            yield f"written {part}", replace(rule, check=rest)


def _without_one(condition: str) -> Iterator[tuple[str, str]]:
    parts = _conjuncts(condition)
    if len(parts) > 1:
        for nth, part in enumerate(parts):
            yield part, " AND ".join((*parts[:nth], *parts[nth + 1 :]))


def _conjuncts(condition: str) -> list[str]:
    """Split at the ANDs outside of parentheses; BETWEEN does not occur in policies."""
    parts, depth, begins = [], 0, 0
    for at, sign in enumerate(condition):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and condition[at : at + 5] == " AND ":
            parts.append(condition[begins:at])
            begins = at + 5
    return [*parts, condition[begins:]]


def _statements(table: str, role: Role, old: tuple[Allow, ...], new: tuple[Allow, ...]) -> Iterator[str]:
    before, after = policies_of(old), policies_of(new)
    for verb in VERBS:
        key = (role, verb)
        if before.get(key) == after.get(key):
            continue
        if key in before:
            yield f"DROP POLICY {policy_name(role, verb)} ON {table}"
        if key in after:
            rows, check = after[key]
            using, written = f"USING ({rows})", f"WITH CHECK ({check})"
            clauses = {"r": using, "c": written, "u": f"{using} {written}", "d": using}[verb]
            name, target = policy_name(role, verb), role.database_role
            yield f"CREATE POLICY {name} ON {table} FOR {VERBS[verb]} TO {target} {clauses}"
