"""Missions of the track named after the NICE work role "Systems Security Analysis" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="systems-security-analysis",
    name="Systems Security Analysis",
    description=(
        "Keep systems in a state that can be defended: know their controls, measure how they drift, and"
        " help owners to close the gaps."
    ),
    skills=(
        "configuration-review",
        "linux",
        "windows-internals",
        "identity-management",
        "cloud-security",
        "risk-rating",
        "security-controls",
        "scripting",
        "monitoring",
        "report-writing",
    ),
    missions=(
        MissionContent(
            title="Inventory with owners",
            brief=(
                "Build an inventory of the lab's systems with owner, purpose, data and dependencies. "
                "Find the two systems that nobody owns and propose what happens to them."
            ),
            weight=1,
            expected_after_days=7,
        ),
        MissionContent(
            title="Controls in plain words",
            brief=(
                "Choose twelve controls of NIST SP 800-53 for a small service and rewrite each as a "
                "sentence that can be checked. Check four of them and keep the evidence."
            ),
            weight=1,
            expected_after_days=15,
        ),
        MissionContent(
            title="Accounts and rights",
            brief=(
                "Review all accounts of the lab domain: dormant, shared, too powerful. Remove what can "
                "go, document what must stay, and show that nobody's work stopped."
            ),
            weight=2,
            expected_after_days=23,
        ),
        MissionContent(
            title="Baseline as code",
            brief=(
                "Describe the configuration of a server in code, apply it twice and show that the "
                "second run changes nothing. Detect and repair a change made by hand."
            ),
            weight=2,
            expected_after_days=32,
        ),
        MissionContent(
            title="Segment the network",
            brief=(
                "Propose a segmentation for the practice company based on observed traffic. Test it for"
                " a week in logging mode before a single packet is refused."
            ),
            weight=2,
            expected_after_days=41,
        ),
        MissionContent(
            title="Backups that come back",
            brief=(
                "Restore a database and a file server from backup onto empty machines, with a "
                "stopwatch. Compare the result with what the business was promised."
            ),
            weight=2,
            expected_after_days=50,
        ),
        MissionContent(
            title="Review a cloud account",
            brief=(
                "Examine a cloud account for public storage, broad roles and missing logs. Repair the "
                "three worst findings through code and prevent their return by policy."
            ),
            weight=3,
            expected_after_days=59,
        ),
        MissionContent(
            title="Certificates and keys",
            brief=(
                "List the certificates and keys in use, with expiry and owner, and automate the renewal"
                " of those on the web servers. Rehearse the day on which one of them is stolen."
            ),
            weight=2,
            expected_after_days=68,
        ),
        MissionContent(
            title="Watch for drift",
            brief=(
                "Measure the configuration of forty hosts daily and report only the changes that "
                "matter. Show the report of one week and what was done about it."
            ),
            weight=3,
            expected_after_days=77,
        ),
        MissionContent(
            title="Assess a change",
            brief=(
                "Give a security opinion on moving the payroll service to a provider. State the risks "
                "that remain, who accepts them, and what would make you say no."
            ),
            weight=2,
            expected_after_days=86,
        ),
        MissionContent(
            title="Continuity on paper and in fact",
            brief=(
                "Run a table-top exercise for the loss of the main site and note where the plan and the"
                " systems disagree. Repair two of the disagreements."
            ),
            weight=3,
            expected_after_days=95,
        ),
        MissionContent(
            title="Capstone: authorise a system",
            brief=(
                "Prepare the security package of a real small system: boundary, controls, assessment, "
                "risks and plan of action. Present it to the classmate who has to sign it."
            ),
            weight=5,
            expected_after_days=109,
        ),
    ),
)
