from core.erasure import (
    DOCUMENT_NAMES_HER,
    NAMES_HER,
    NOTHING,
    TOMBSTONE_DOMAIN,
    TOMBSTONE_NAME,
    Erase,
    Stays,
    erase,
    stay,
)
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

OWN = "t.user_id = p_person"
HER_ROW = "t.table_name = 'users_user' AND t.row_id = p_person::text"
#: What was noted of a row, column by column, without what it was and became.
VALUES = "(SELECT jsonb_object_agg(name, '[null, null]'::jsonb) FROM jsonb_object_keys(t.changed) AS name)"

ERASURES = erase(
    *(Erase(f"users_{table}", OWN) for table in (
        "credential", "loginsession", "accesstoken", "onetimetoken", "feedtoken", "cohortdirector",
    )),
    Erase(
        "users_user",
        "t.id = p_person",
        {
            "name": f"'{TOMBSTONE_NAME}'", "email": f"'erased-' || t.id || '@{TOMBSTONE_DOMAIN}'",
            "is_active": "false", "is_staff": "false", "is_mentor": "false", "auth_version": "t.auth_version + 1",
            "timezone": "'UTC'", "languages": "'[]'", "wanted_skills": "'[]'", "student_availability": "'{}'",
            "mentor_availability": "'{}'", "mentor_specialties": "'[]'", "standing_meeting_url": NOTHING,
            "preferences": "'{}'", "updated_at": "p_at", "revision": "t.revision + 1",
        },
    ),
    # After the person, whose change was noted just now.
    Erase("core_auditentry", f"{HER_ROW} AND t.verb <> 'erase' AND t.changed <> '{{}}'", {"changed": VALUES}),
    # No number is missing from where the stream begins now.
    Erase("core_streamevent", "t.recipient_id = p_person"),
    Erase("core_streamcounter", "t.recipient_id = p_person", {"pruned_to": "t.last_number"}),
    # Other people's: what tells of her, in her words.
    Erase(
        "core_streamevent",
        "position(p_person::text IN t.data) > 0 AND position('\"habit\"' IN t.data) > 0",
        {"data": "(t.data::jsonb - 'habit')::text"},
    ),
    Erase("core_idempotencykey", "t.person_id = p_person"),
    Erase(
        "core_idempotencykey",
        f"position(p_person::text IN t.answer::text) > 0 OR {DOCUMENT_NAMES_HER.format('t.answer')}",
        {"answer": "'{}'"},
    ),
    Erase(
        "django_admin_log",
        "t.object_id = p_person::text",
        {"object_repr": f"'{TOMBSTONE_NAME}'", "change_message": NOTHING},
    ),
    Erase(
        "django_admin_log",
        f"{NAMES_HER.format('t.object_repr')} OR {NAMES_HER.format('t.change_message')}",
        {
            "object_repr": "left(app.unnamed(t.object_repr, p_name, p_email), 200)",
            "change_message": "app.unnamed(t.change_message, p_name, p_email)",
        },
    ),
)  # fmt: skip
stay(
    Stays("core_idempotencykey", ("key", "method", "path"), "Of others; hers go whole."),
    Stays("core_auditentry", ("row_id", "table_name", "role", "verb"), "Ids and words of the product."),
)
