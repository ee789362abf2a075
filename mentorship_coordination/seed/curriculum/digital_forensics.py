"""Missions of the track named after the NICE work role "Digital Forensics" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="digital-forensics",
    name="Digital Forensics",
    description=(
        "Preserve, examine and explain digital evidence so that another examiner reaches the same "
        "result and a reader without training understands what happened."
    ),
    skills=(
        "disk-forensics",
        "memory-forensics",
        "evidence-handling",
        "timeline-analysis",
        "file-systems",
        "windows-artifacts",
        "mobile-forensics",
        "report-writing",
        "scripting",
        "linux",
    ),
    missions=(
        MissionContent(
            title="Chain of custody",
            brief=(
                "Receive the exercise laptop as evidence: photograph, label, seal and log every hand it"
                " passes through. Write the form that you would want to defend in front of a sceptical "
                "lawyer."
            ),
            weight=1,
            expected_after_days=6,
        ),
        MissionContent(
            title="Image a disk and prove it",
            brief=(
                "Acquire the training disk behind a write blocker, verify the hashes and document the "
                "tools with their versions. Repeat with a disk that has read errors and explain what "
                "the differing hash does and does not mean."
            ),
            weight=1,
            expected_after_days=13,
        ),
        MissionContent(
            title="Inside a file system",
            brief=(
                "Walk through NTFS structures of a small image with a hex viewer and find the record of"
                " a deleted document. Show how far it can be recovered and which part has been "
                "overwritten."
            ),
            weight=2,
            expected_after_days=21,
        ),
        MissionContent(
            title="Carve without a file system",
            brief=(
                "Recover pictures and PDF files from unallocated space, then measure how many of them "
                "are complete. Describe two false positives and how you recognised them."
            ),
            weight=2,
            expected_after_days=29,
        ),
        MissionContent(
            title="Windows leaves traces",
            brief=(
                "Use registry hives, prefetch, shortcut files and jump lists to show which programs a "
                "user ran on one Thursday. Separate what the artefact says from what you infer."
            ),
            weight=2,
            expected_after_days=37,
        ),
        MissionContent(
            title="One timeline from many clocks",
            brief=(
                "Merge file system times, event logs and browser history of two machines whose clocks "
                "disagree. Correct the drift, state your confidence, and mark the entries that could "
                "have been altered."
            ),
            weight=3,
            expected_after_days=46,
        ),
        MissionContent(
            title="Memory tells another story",
            brief=(
                "Analyse a memory image of an infected host: processes, network connections, injected "
                "code, and a secret that never touched the disk. Support each finding with the plugin "
                "output and one cross-check."
            ),
            weight=3,
            expected_after_days=56,
        ),
        MissionContent(
            title="Mail and its headers",
            brief=(
                "Trace three suspicious messages through their headers and decide which was forged. "
                "Explain the authentication results to a manager in five sentences."
            ),
            weight=2,
            expected_after_days=64,
        ),
        MissionContent(
            title="A telephone on the desk",
            brief=(
                "Extract messages, location points and app data from the supplied phone backup. Keep to"
                " the written search authority and note what you saw but may not use."
            ),
            weight=3,
            expected_after_days=74,
        ),
        MissionContent(
            title="Logs in a rented cloud",
            brief=(
                "Collect and preserve the audit trail of a cloud tenant in which an access key was "
                "abused. Show which calls the attacker made, which ones failed, and what the provider "
                "no longer keeps."
            ),
            weight=3,
            expected_after_days=84,
        ),
        MissionContent(
            title="Report for a reader without training",
            brief=(
                "Write the examination report of the Thursday case in at most eight pages, with "
                "findings first and method after. A classmate from another track must be able to "
                "summarise it correctly."
            ),
            weight=3,
            expected_after_days=94,
        ),
        MissionContent(
            title="Capstone: testify",
            brief=(
                "Examine an unknown image within one week, hand in the report and answer thirty minutes"
                " of questions as an expert witness. Say plainly where the evidence ends."
            ),
            weight=5,
            expected_after_days=108,
        ),
    ),
)
