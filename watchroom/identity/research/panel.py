"""What the desk shows of research on one contact: what can be asked, what was, and what came, likest first."""

from datetime import datetime
from typing import Any

from watchroom.contacts.models import Contact
from watchroom.force import queries as force
from watchroom.foundation import access
from watchroom.identity.models import Research, ResearchFound
from watchroom.identity.research import queries, rules
from watchroom.staff import queries as staff

SURENESS = {"known": 4, "likely": 3, "possible": 1}  # bars


def shown(contact: Contact, *, may_ask: bool, by: str, at: datetime) -> dict[str, Any]:
    """The panel's context. Reading what another system sent is a consultation of it (DPA 2018 s.62)."""
    rows = queries.of(contact.pk)
    names = staff.names({row.by for row in rows})
    came: dict[int, list[ResearchFound]] = {}
    for one in ResearchFound.objects.filter(research__in=[row for row in rows if row.found]).order_by("pk"):
        came.setdefault(one.research_id, []).append(one)
    number, asked = 0, []
    for row in _newest_of_each(rows):
        if row.pk in came:
            access.consult(subject=("research", row.pk), reason=f"read what {row.label} sent", by=by, at=at)
        found = []
        for alike in queries.alike(contact, came.get(row.pk, []), on=contact.day):
            number += 1
            found.append({"is": alike, "sure": SURENESS.get(alike.tier or ""), "number": number})
        asked.append(
            {
                "row": row,
                "who": names[row.by],
                "came_to": rules.came_to(row.state, row.found, row.is_cut, row.problem),
                "told": ", ".join(rules.FIELDS[field] for field in row.sent),
                "found": found,
            }
        )
    is_open = contact.state not in (Contact.State.WAITING, Contact.State.WRAPPED)
    askable = queries.askable(contact, at=at)
    return {
        "contact": contact,
        "asked": asked,
        "not_needed": [{"row": row, "who": names[row.by]} for row in rows if row.state == Research.State.NOT_NEEDED],
        "systems": askable,
        "shut": [one for one in askable if one.why_not],
        "can_ask": [one for one in askable if not one.why_not and not one.is_asked],
        "may_ask": may_ask and is_open,
        "may_take": may_ask and contact.state != Contact.State.WAITING,
        "min_reason": force.policy_at(at).policy.research.min_reason,
    }


def _newest_of_each(rows: list[Research]) -> list[Research]:
    """Of each system the newest asking, and what came before it where a person may still have to judge a record of it."""
    newest = {row.system: row.pk for row in rows if row.system}
    return [row for row in rows if row.system and (newest[row.system] == row.pk or row.found)]
