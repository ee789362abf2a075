"""Missions of the track named after the NICE work role "Threat Analysis" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="threat-analysis",
    name="Threat Analysis",
    description=(
        "Turn scattered observations about adversaries into judgements that somebody can act upon, with"
        " sources, confidence and a date of expiry."
    ),
    skills=(
        "threat-intelligence",
        "open-source-research",
        "attack-mapping",
        "malware-triage",
        "structured-analysis",
        "report-writing",
        "scripting",
        "threat-hunting",
        "communication",
        "data-analysis",
    ),
    missions=(
        MissionContent(
            title="Questions before answers",
            brief=(
                "Interview a classmate who plays the head of security and write three intelligence "
                "requirements. Each names the decision that it supports and the day by which an answer "
                "is useful."
            ),
            weight=1,
            expected_after_days=7,
        ),
        MissionContent(
            title="Sources and their weight",
            brief=(
                "Collect ten public sources on one sector and rate reliability and credibility apart. "
                "Mark those that copy from each other, and find the original."
            ),
            weight=1,
            expected_after_days=15,
        ),
        MissionContent(
            title="Indicators and their half-life",
            brief=(
                "Take a feed with five thousand indicators and clean it: duplicates, private ranges, "
                "shared hosting. Estimate how long each kind stays useful, and why."
            ),
            weight=2,
            expected_after_days=23,
        ),
        MissionContent(
            title="Describe an intrusion",
            brief=(
                "Model a published intrusion with the Diamond Model and the kill chain. Mark what the "
                "report claims, what it proves, and what you had to assume."
            ),
            weight=2,
            expected_after_days=31,
        ),
        MissionContent(
            title="Map behaviour to ATT&CK",
            brief=(
                "Map two incident reports to techniques and sub-techniques with a quotation for each "
                "mapping. Compare with a classmate and settle every difference in writing."
            ),
            weight=2,
            expected_after_days=40,
        ),
        MissionContent(
            title="Think against yourself",
            brief=(
                "Analyse competing hypotheses about who is behind the supplied campaign. Show which "
                "evidence really separates them, and how your result would change if one source were "
                "wrong."
            ),
            weight=3,
            expected_after_days=49,
        ),
        MissionContent(
            title="Infrastructure in the open",
            brief=(
                "Starting from one domain, find related infrastructure with passive DNS, certificates "
                "and hosting history only. Stop where the links become weak and say so."
            ),
            weight=3,
            expected_after_days=58,
        ),
        MissionContent(
            title="Read a malware family",
            brief=(
                "Follow one malware family across three versions by public samples and reports. Show "
                "what changed, what it suggests about its makers, and what defenders can rely on."
            ),
            weight=3,
            expected_after_days=67,
        ),
        MissionContent(
            title="Brief in five minutes",
            brief=(
                "Brief an executive on one threat in five minutes with one picture. State likelihood in"
                " agreed words, confidence apart from it, and the decision that you ask for."
            ),
            weight=2,
            expected_after_days=76,
        ),
        MissionContent(
            title="From intelligence to detection",
            brief=(
                "Hand a detection team three behaviours instead of indicators and follow them until "
                "they run. Report what was lost on the way and how to write better next time."
            ),
            weight=3,
            expected_after_days=86,
        ),
        MissionContent(
            title="A forecast with a score",
            brief=(
                "Make ten dated forecasts with probabilities on the threat landscape and publish your "
                "score at the end. Discuss the one that you were most wrong about."
            ),
            weight=2,
            expected_after_days=95,
        ),
        MissionContent(
            title="Capstone: estimate for a sector",
            brief=(
                "Write a threat estimate for a sector of your choice in at most twelve pages, defend it"
                " before two reviewers, and leave behind the collection plan that keeps it alive."
            ),
            weight=5,
            expected_after_days=109,
        ),
    ),
)
