"""Missions of the track named after the NICE work role "Secure Software Development" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="secure-software-development",
    name="Secure Software Development",
    description=(
        "Build software whose safe use is the easy one: design against abuse, review with care, test "
        "the refusals, and ship with known ingredients."
    ),
    skills=(
        "secure-coding",
        "threat-modeling",
        "code-review",
        "python",
        "web-security",
        "cryptography",
        "testing",
        "dependency-management",
        "devsecops",
        "authentication",
    ),
    missions=(
        MissionContent(
            title="Model the threats of a small service",
            brief=(
                "Draw the data flow of the booking service, mark its trust boundaries and list threats "
                "with STRIDE. Keep the five that would hurt most and name the control for each."
            ),
            weight=1,
            expected_after_days=7,
        ),
        MissionContent(
            title="Input is not your friend",
            brief=(
                "Repair an import form that accepts anything: decide the allowed shapes, refuse the "
                "rest with a clear message, and test the odd cases. Injection must be impossible by "
                "construction, not by a filter."
            ),
            weight=2,
            expected_after_days=15,
        ),
        MissionContent(
            title="Passwords and sessions",
            brief=(
                "Implement sign-in with a modern password hash, rate limits and session rotation. Show "
                "in tests that a stolen old cookie is worthless and that a wrong name takes as long as "
                "a wrong password."
            ),
            weight=2,
            expected_after_days=23,
        ),
        MissionContent(
            title="Who may see this row",
            brief=(
                "Add access control to an interface that trusts identifiers in the address. Cover every"
                " endpoint with a test in which a stranger asks for somebody else's record."
            ),
            weight=3,
            expected_after_days=32,
        ),
        MissionContent(
            title="Review a pull request",
            brief=(
                "Review three pull requests that each hide one security defect. Write comments that "
                "teach, distinguish a defect from taste, and propose a test that would have caught it."
            ),
            weight=2,
            expected_after_days=40,
        ),
        MissionContent(
            title="Use cryptography, do not invent it",
            brief=(
                "Replace a home-made token scheme by a well-known library with authenticated encryption"
                " and key rotation. Explain in one page what the old scheme allowed an attacker to do."
            ),
            weight=2,
            expected_after_days=49,
        ),
        MissionContent(
            title="Know your ingredients",
            brief=(
                "Produce a software bill of materials, find vulnerable and abandoned dependencies, and "
                "update or remove them with the tests green. Pin what you ship and verify its hashes."
            ),
            weight=2,
            expected_after_days=58,
        ),
        MissionContent(
            title="Secrets out of the source",
            brief=(
                "Find the secrets in the history of the repository, revoke them, and move configuration"
                " to the environment. Add a check that stops the next one before it is pushed."
            ),
            weight=2,
            expected_after_days=66,
        ),
        MissionContent(
            title="Fuzz the parser",
            brief=(
                "Write a property-based test and a fuzzer for the file parser. Hand in the smallest "
                "input for each crash, with its repair and a regression test."
            ),
            weight=3,
            expected_after_days=75,
        ),
        MissionContent(
            title="A pipeline that says no",
            brief=(
                "Build a pipeline with static analysis, dependency audit and tests which fails for good"
                " reasons only. Report its run time and how many of its first fifty findings were real."
            ),
            weight=3,
            expected_after_days=85,
        ),
        MissionContent(
            title="Log for the people who defend you",
            brief=(
                "Decide which security events the service must record, and do so without personal data."
                " Let a classmate from Defensive Cybersecurity reconstruct an attack from your logs "
                "alone."
            ),
            weight=2,
            expected_after_days=94,
        ),
        MissionContent(
            title="Capstone: ship a service",
            brief=(
                "Design, build and release a small service with a threat model, tests, a pipeline and a"
                " security policy. A second team has two days to break it; you have one to answer."
            ),
            weight=5,
            expected_after_days=109,
        ),
    ),
)
