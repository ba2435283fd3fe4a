"""What could be asked about who is in touch, what was, and how like them is what came?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from watchroom.contacts.models import Contact
from watchroom.contacts.rules import shown_number
from watchroom.force import queries as force
from watchroom.force.policy import System
from watchroom.identity import finding, queries
from watchroom.identity import rules as sureness
from watchroom.identity.likeness import verdict, words
from watchroom.identity.models import Person, Research, ResearchFound
from watchroom.identity.research import rules
from watchroom.identity.research.rules import Came
from watchroom.staff import queries as staff

#: Asked whether a system (its code) is connected to this force: why not, as a sentence, or empty. A link below says so.
connected: list[Callable[[str], str]] = []


@dataclass(frozen=True)
class Askable:
    """A system of the policy, and why it cannot be asked about this contact now; empty when it can."""

    system: System
    sent: dict[str, str]
    why_not: str
    is_asked: bool  # with just this, and it answered or will


def why_not_connected(system: str) -> str:
    """Empty when some link can reach this system for the force in scope."""
    told = [ask(system) for ask in connected]
    return "" if "" in told else next(iter(told), "Not connected here.")


def known_of(contact: Contact) -> dict[str, str]:
    """What is known now of who is in touch, in the words in which another system may be asked."""
    person = confirmed(contact)
    place = contact.place
    where = f"{place.label}, {place.locality}".strip(", ") if place else contact.place_said
    return {
        "name": contact.caller_name or (person.name if person else ""),
        "born": contact.caller_born or (person.born_date.isoformat() if person and person.born_date else ""),
        "number": contact.caller_number,
        "address": where,
    }


def confirmed(contact: Contact) -> Person | None:
    """Who somebody said that this contact is from; the record that stands for them."""
    return next(iter(queries.confirmed(contact.pk)), None)


def askable(contact: Contact, *, at: datetime) -> list[Askable]:
    """Each system of the policy in its order."""
    on, known = force.local_day(at), known_of(contact)
    asked = Research.objects.filter(contact=contact, state__in=(Research.State.ASKED, Research.State.ANSWERED))
    before = [(row.system, row.sent, row.state) for row in asked]
    found = []
    for system in force.policy_at(at).policy.systems:
        sent = rules.may_send(known, system)
        waits = any(code == system.code and state == Research.State.ASKED for code, _, state in before)
        is_asked = waits or any((code, its) == (system.code, sent) for code, its, _ in before)
        why = rules.closed(system, on) or why_not_connected(system.code)
        if not why and not sent:
            why = f"Not enough to ask with: it needs {rules.needs(system)}."
        found.append(Askable(system, sent, why, is_asked))
    return found


def of(contact: int) -> list[Research]:
    """What was asked and said about research on this contact, oldest first."""
    return list(Research.objects.filter(contact_id=contact).order_by("at", "pk"))


def is_done(contact: int) -> bool:
    """Whether a system answered about this contact."""
    return Research.objects.filter(contact_id=contact, state=Research.State.ANSWERED).exists()


def says(row: Research, names: dict[str, str]) -> str:
    """Who asked whom, when, and what came of it: in the log after “Research: ”."""
    return rules.line(
        label=row.label, who=names[row.by], at=row.at.astimezone(force.timezone()), state=row.state, found=row.found,
        is_cut=row.is_cut, problem=row.problem, because=row.because,
    )  # fmt: skip


def in_words(contact: int) -> list[str]:
    """What the writing up shows: each asking, by whom, and what came of it; empty when nobody has asked or said why not."""
    rows = of(contact)
    names = staff.names({row.by for row in rows})
    return [says(row, names) for row in rows]


# --- what came ----------------------------------------------------------------------------------------------------------


def came(row: ResearchFound) -> Came:
    return Came(
        external=row.external, given_name=row.given_name, family_name=row.family_name, born=row.born, numbers=tuple(row.numbers),
        addresses=tuple(row.addresses), flags=tuple(row.flags), as_of=row.as_of_date,
    )  # fmt: skip


@dataclass(frozen=True)
class Alike:
    """A record that came, with how like the caller it is, in the words of `rules.Tier`; none: little alike."""

    row: ResearchFound
    tier: sureness.Tier | None
    because: tuple[str, ...]
    against: tuple[str, ...]
    age: int | None
    where: tuple[str, ...]
    numbers: tuple[str, ...]


def alike(contact: Contact, rows: list[ResearchFound], *, on: date) -> list[Alike]:
    """The likest first. They are weighed as if they stood in our own record: another system says nothing of how many it holds."""
    said, belief = queries.said_of(contact), verdict.shipped()
    named = finding.compared(said, [rules.ways(came(row)) for row in rows])
    sharing = sum(contact.caller_number in row.numbers for row in rows) if contact.caller_number else 0
    found = []
    for place, row in enumerate(rows):
        one = named.get(place)
        is_number = bool(contact.caller_number) and contact.caller_number in row.numbers
        seen = sureness.Evidence(
            number=is_number,
            is_typed=contact.number_is_typed,
            name=is_number and bool(said.given) and words.name(row.given_name).split(" ")[0] == said.given,
            others_on_number=sharing - 1 if is_number else 0,
        )
        tiers = [sureness.tier(seen)]
        if one:
            tiers.append(
                sureness.band(one.probability, one.relation, one.household, likely=belief.likely, possible=belief.possible)
            )
        pro, con = sureness.reasons(seen)
        found.append(
            Alike(
                row,
                sureness.surest(tiers),
                tuple(dict.fromkeys([*pro, *(one.because if one else ())])),
                tuple(dict.fromkeys([*con, *(one.against if one else ())])),
                queries.age(date.fromisoformat(row.born), on) if len(row.born) == 10 else None,
                tuple(", ".join(filter(None, (a.get("street"), a.get("town"), a.get("postcode")))) for a in row.addresses),
                tuple(shown_number(number) for number in row.numbers),
            )
        )
    order = (*sureness.TIERS, None)
    return sorted(found, key=lambda one: (order.index(one.tier), one.row.pk))
