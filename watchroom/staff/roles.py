"""What may each role do? The whole list: a permission is `room.verb`, and a view names the one that it needs.

A person may have several roles. Nothing is inherited. `tests/test_access_matrix.py` tries every page with every role.
"""

EVERYONE = {"shell.draft", "shell.gallery", "staff.self", "gazetteer.find", "live.follow"}

ROLES: dict[str, set[str]] = {
    # takes calls and every other contact; sees neither queue lengths nor units until the risk is saved (R47)
    "handler": {
        "desk.handler", "contacts.queue", "contacts.take", "contacts.write", "contacts.see", "identity.see", "identity.observe",
        "identity.search", "assessment.see", "assessment.write", "incidents.see", "incidents.write", "incidents.grade", "incidents.close",
        "incidents.ask", "identity.flag", "identity.open_code", "identity.open_codeword", "identity.lost", "contacts.trays",
        "referrals.hand_over",
    },
    # answers 101 first: listens, passes on, gives details, says why it led to nothing, rings back. Looks nobody up, opens no code.
    # Danger rings on 101 too, and 999 at any desk when nobody else is free: the risk is written here, and Immediate never waits
    "switchboard": {
        "desk.handler", "contacts.queue", "contacts.take", "contacts.write", "contacts.see", "identity.see", "assessment.see",
        "assessment.write", "incidents.see", "incidents.write", "incidents.grade", "identity.lost", "referrals.hand_over",
    },
    # sends people, follows them, closes what they finished
    "despatcher": {
        "desk.despatch", "contacts.see", "identity.see", "assessment.see", "incidents.see", "incidents.board",
        "incidents.write", "incidents.close", "incidents.ask", "dispatch.see", "dispatch.send", "identity.flag",
        "identity.open_code", "identity.open_codeword",
    },
    # resolves without sending anyone
    "resolver": {
        "desk.handler", "desk.resolution", "contacts.queue", "contacts.take", "contacts.write", "contacts.see",
        "identity.see", "identity.observe", "identity.search", "assessment.see", "assessment.write", "incidents.see", "incidents.board",
        "incidents.write", "incidents.grade", "incidents.close", "incidents.ask", "resolution.see", "resolution.write",
        "identity.flag", "identity.lost", "contacts.trays", "identity.open_codeword", "referrals.hand_over", "social.publish",
    },
    # sees what no single incident shows, and helps those who take the calls (R93)
    "vulnerability": {
        "desk.vulnerability", "referrals.work", "contacts.see", "identity.see", "assessment.see", "incidents.see",
        "incidents.write", "incidents.grade", "identity.flag", "identity.plan", "identity.search", "identity.combine",
        "identity.trust",
    },
    "supervisor": {
        "desk.supervisor", "force.surge", "desk.despatch", "desk.replay", "desk.bundle", "contacts.see", "identity.see",
        "assessment.see", "incidents.see",
        "incidents.board", "incidents.write", "incidents.grade", "incidents.approve", "incidents.ask", "incidents.close", "dispatch.see",
        "resolution.see", "resolution.sample", "resolution.assess", "duties.see", "duties.take", "demand.see", "demand.answer",
        "demand.try", "demand.take", "assessment.library", "identity.flag", "identity.decide_flag", "identity.see_protected",
        "identity.open_code", "identity.open_codeword", "identity.plan", "identity.search", "identity.combine", "contacts.boxes",
        "identity.lost", "identity.let_go", "identity.trust", "staff.skills", "staff.states", "contacts.trays", "referrals.hand_over",
        "social.publish", "social.approve",
    },
    # looks back at what was known and done, for an inspectorate or professional standards; changes nothing
    "inspector": {
        "desk.replay", "desk.bundle", "contacts.see", "assessment.see", "incidents.see", "dispatch.see", "resolution.see",
        "duties.see", "demand.see", "resolution.sample", "foundation.audit", "identity.trust", "staff.states",
    },
    # counts, and sees no person
    "analyst": {"demand.see", "demand.answer", "demand.try", "demand.take", "assessment.library", "resolution.sample", "identity.trust"},
    # reads who consulted whom; sees no journey
    "auditor": {"foundation.audit", "identity.standards", "identity.trust", "staff.states"},
}  # fmt: skip


#: What shows how many wait or who is free. Whoever holds a call whose risk is not on record has none of it until it is (R47),
#: whatever their other roles give them. What they may do, such as sending a unit, stays.
COVERED = {
    "desk.despatch", "desk.resolution", "desk.supervisor", "desk.replay", "incidents.board", "dispatch.see", "resolution.see",
    "demand.see", "duties.see", "contacts.boxes", "staff.skills", "staff.states",
}  # fmt: skip


def permissions(roles: list[str]) -> set[str]:
    """All that these roles may do. An unknown role gives nothing."""
    return EVERYONE.union(*(ROLES.get(role, set()) for role in roles))


def every_permission() -> set[str]:
    return permissions(list(ROLES))
