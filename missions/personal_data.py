from core.personal_data import OF_OTHERS, Kept, keep

keep(
    Kept("missions.MissionSubmission", ("student",)),
    Kept("missions.SubmissionVersion", ("submission__student",)),
    Kept(
        "missions.SubmissionFile",
        ("version__submission__student",),
        {"content": "The file itself is downloaded where it was handed in."},
    ),
    Kept("missions.MissionReview", ("reviewer",)),
    # Of a director who decided instead of the mentor.
    Kept("missions.MissionReview", ("submission__student",), {"reason": OF_OTHERS}),
)
