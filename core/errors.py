"""What an action may refuse, by the kind of refusal. `core.api.problems` maps each kind to its HTTP status."""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A refusal with a stable `code`, a sentence for people and, where it helps, messages per field.

    `extra` is merged into the problem document: the newer version of a submission, free alternatives of a slot.
    """

    code = "refused"
    message = "The request was refused."

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.fields = dict(fields or {})
        self.extra = dict(extra or {})
        super().__init__(self.message)


class InvalidInput(DomainError):
    """The request itself is wrong: a past time, a score of 101."""

    code = "invalid"
    message = "The request has invalid fields."


class TooLarge(DomainError):
    """What was sent is larger than what is accepted here."""

    code = "too_large"
    message = "The request is larger than what is accepted here."


class NotPermitted(DomainError):
    """The caller may see the thing but not do this to it."""

    code = "not_permitted"
    message = "You may not do this."


class NotVisible(DomainError):
    """The thing does not exist for this caller, whether or not it exists for others (product.md §3)."""

    code = "not_found"
    message = "There is nothing here that you may see."


class Conflict(DomainError):
    """The state of things has moved on, or a limit is reached."""

    code = "conflict"
    message = "The state has changed meanwhile."


class RuleBroken(DomainError):
    """The request is well formed and permitted, but a rule of the product forbids it."""

    code = "rule_broken"
    message = "A rule forbids this."


class TooManyAttempts(DomainError):
    """Too many tries; `retry_after` is in seconds."""

    code = "too_many_attempts"
    message = "Too many attempts. Wait a little and try again."

    def __init__(self, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()
