from core.personal_data import CONFIDENTIAL, OF_OTHERS, Kept, keep

DIGEST = {"digest": CONFIDENTIAL}

keep(
    Kept("users.User", ("pk",)),
    Kept("users.Enrolment", ("student",)),
    Kept("users.CohortDirector", ("user",)),
    Kept("users.AccessToken", ("user",), DIGEST),
    Kept("users.FeedToken", ("user",), DIGEST),
    Kept("users.OneTimeToken", ("user",), DIGEST),
    # The kernel has no person of its own: what it keeps of one is said here.
    Kept("core.StreamEvent", ("recipient",)),
    Kept("core.StreamCounter", ("recipient",)),
    Kept("core.IdempotencyKey", ("person",), {"body_digest": CONFIDENTIAL, "answer": OF_OTHERS}),
    Kept("core.AuditEntry", ("row_id",)),
    Kept("core.AuditEntry", ("by",), {"changed": OF_OTHERS}),
)
