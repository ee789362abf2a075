"""Missions of the track named after the NICE work role "Incident Response" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="incident-response",
    name="Incident Response",
    description=(
        "Take a report of something strange to a calm, documented end: contain it, find its cause, "
        "bring services back and leave the organisation better prepared."
    ),
    skills=(
        "incident-triage",
        "incident-coordination",
        "log-analysis",
        "memory-forensics",
        "containment",
        "communication",
        "cloud-security",
        "malware-triage",
        "report-writing",
        "playbook-design",
    ),
    missions=(
        MissionContent(
            title="Know your plan",
            brief=(
                "Read the response plan of the practice company against NIST SP 800-61 and mark what is"
                " missing, outdated or impossible at night. Rewrite its first page so that it can be "
                "followed with one hand on the telephone."
            ),
            weight=1,
            expected_after_days=7,
        ),
        MissionContent(
            title="The first fifteen minutes",
            brief=(
                "You receive three reports at once: a locked file share, a lost laptop and an odd "
                "login. Decide the order, note your reasons, and write the first message for each of "
                "the three."
            ),
            weight=1,
            expected_after_days=14,
        ),
        MissionContent(
            title="Collect before it is gone",
            brief=(
                "Script the collection of volatile data from a Linux and a Windows host in order of "
                "volatility. Show that your script leaves as few traces as possible and records its own"
                " actions."
            ),
            weight=2,
            expected_after_days=21,
        ),
        MissionContent(
            title="Phishing from click to closure",
            brief=(
                "Follow a reported phishing mail to every mailbox, every click and every password "
                "entered. Close the case with numbers, with resets that were really carried out, and "
                "with one improvement to the filter."
            ),
            weight=2,
            expected_after_days=29,
        ),
        MissionContent(
            title="Contain without panic",
            brief=(
                "For a compromised web server compare three ways of containing it: isolate, block, or "
                "watch for another hour. Recommend one to the owner of the service and say what it "
                "costs."
            ),
            weight=2,
            expected_after_days=37,
        ),
        MissionContent(
            title="Ransomware on a Friday",
            brief=(
                "Work through the supplied ransomware case: entry, spread, encryption, and the state of"
                " the backups. Propose an order of restoration that the business can live with."
            ),
            weight=3,
            expected_after_days=46,
        ),
        MissionContent(
            title="Triage an unknown binary",
            brief=(
                "Classify a suspicious program in ninety minutes with static checks and a sandbox. "
                "Deliver indicators that can be searched for, each with a note of how quickly it will "
                "go stale."
            ),
            weight=3,
            expected_after_days=55,
        ),
        MissionContent(
            title="Stolen keys in the cloud",
            brief=(
                "An access key was published by mistake. Establish what was done with it, revoke what "
                "has to be revoked in the right order, and show that the attacker did not leave a "
                "second way in."
            ),
            weight=3,
            expected_after_days=64,
        ),
        MissionContent(
            title="Talk to people",
            brief=(
                "Write three messages on the same incident: to staff, to customers and to the data "
                "protection authority. Each is true, none says more than is known, and all three agree "
                "with one another."
            ),
            weight=2,
            expected_after_days=73,
        ),
        MissionContent(
            title="A playbook that others can run",
            brief=(
                "Turn one of your cases into a playbook with decision points, roles and exit criteria. "
                "Let two classmates run it without your help and repair what they stumbled over."
            ),
            weight=3,
            expected_after_days=83,
        ),
        MissionContent(
            title="Review without blame",
            brief=(
                "Lead a post-incident review on the ransomware case. Separate causes from triggers, "
                "agree on at most five actions with owners and dates, and record what went well."
            ),
            weight=3,
            expected_after_days=93,
        ),
        MissionContent(
            title="Capstone: lead the incident",
            brief=(
                "Lead a team of four through a simulated breach of eight hours with changing facts and "
                "a nervous management. Hand in the log, the final report and an honest page about your "
                "own decisions."
            ),
            weight=5,
            expected_after_days=107,
        ),
    ),
)
