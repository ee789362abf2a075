"""Missions of the track named after the NICE work role "Cybersecurity Architecture" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="cybersecurity-architecture",
    name="Cybersecurity Architecture",
    description=(
        "Design systems in which security is a property and not an extra: clear boundaries, few "
        "assumptions, and decisions that can still be explained in five years."
    ),
    skills=(
        "security-architecture",
        "threat-modeling",
        "identity-management",
        "cryptography",
        "cloud-security",
        "network-design",
        "zero-trust",
        "risk-rating",
        "communication",
        "security-controls",
    ),
    missions=(
        MissionContent(
            title="Draw what exists",
            brief=(
                "Draw the present architecture of the practice company on three levels, from business "
                "service to network zone. Mark each assumption that nobody could confirm."
            ),
            weight=1,
            expected_after_days=7,
        ),
        MissionContent(
            title="From need to requirement",
            brief=(
                "Turn the wishes of four stakeholders into security requirements that can be tested. "
                "Show the two that contradict each other and how you resolved it."
            ),
            weight=1,
            expected_after_days=15,
        ),
        MissionContent(
            title="Trust boundaries",
            brief=(
                "Threat-model the customer portal and move one boundary so that three threats "
                "disappear. Explain what the change costs and who has to agree."
            ),
            weight=2,
            expected_after_days=24,
        ),
        MissionContent(
            title="Identity at the centre",
            brief=(
                "Design single sign-on for staff, partners and machines: protocols, lifetimes, "
                "recovery. Walk through joining, moving and leaving, and through the loss of the "
                "identity provider itself."
            ),
            weight=2,
            expected_after_days=33,
        ),
        MissionContent(
            title="Network without a soft centre",
            brief=(
                "Plan the step from a flat network to access by identity and device. Give an order of "
                "migration in which each step is useful alone and can be undone."
            ),
            weight=3,
            expected_after_days=43,
        ),
        MissionContent(
            title="Keys and their life",
            brief=(
                "Write the key management design of a service that encrypts personal data: creation, "
                "storage, rotation, destruction. Decide which compromises must be survivable."
            ),
            weight=2,
            expected_after_days=52,
        ),
        MissionContent(
            title="Record a decision",
            brief=(
                "Write architecture decision records for three choices that you made so far, with the "
                "options refused. A reader who disagrees must find their argument treated fairly."
            ),
            weight=1,
            expected_after_days=60,
        ),
        MissionContent(
            title="Pattern for the cloud",
            brief=(
                "Design a landing zone for two teams with separated accounts, central logs and guard "
                "rails. Prove two guard rails with a failing deployment."
            ),
            weight=3,
            expected_after_days=69,
        ),
        MissionContent(
            title="Resist and recover",
            brief=(
                "Design the portal to go on working in a reduced way while one component is "
                "compromised. Define the reduced service together with its owner and test it once."
            ),
            weight=3,
            expected_after_days=78,
        ),
        MissionContent(
            title="Review somebody's design",
            brief=(
                "Review a classmate's architecture in one hour, in writing, with at most seven remarks "
                "in order of importance. At least one of them says what should not be changed."
            ),
            weight=2,
            expected_after_days=87,
        ),
        MissionContent(
            title="Price the options",
            brief=(
                "Compare three designs for remote access by risk, cost and effort to run them. "
                "Recommend one on two pages and show what would change your mind."
            ),
            weight=2,
            expected_after_days=96,
        ),
        MissionContent(
            title="Capstone: architecture for a merger",
            brief=(
                "Two companies merge in six months. Deliver the target picture, the road to it, the ten"
                " decisions that matter and the risks that management must accept, and defend all this "
                "before a board."
            ),
            weight=5,
            expected_after_days=110,
        ),
    ),
)
