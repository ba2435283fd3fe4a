"""The log, line by line, on every screen that shows it.

Topic `log-12` goes to whoever has log 12 open: a desk that goes from log to log says which one it shows now. The line is put
into `#log-12` by its own id, so that a line told twice is shown once.
"""

from typing import Any

from django.template.loader import render_to_string

from watchroom.foundation import live
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment
from watchroom.incidents import queries
from watchroom.incidents.models import Incident
from watchroom.incidents.views.log import shown_line


@live.on("log-*")
def line_of_contact(told: Told) -> list[Fragment]:
    """A line was written in a contact; if that has no incident yet, its own page shows it."""
    fact: Any = told.fact
    incident = queries.of_contact(fact.contact)
    return _line(incident, f"line-{fact.line}") if incident else []


@live.on("log-*")
def asked(told: Told) -> list[Fragment]:
    """A question was asked of a caller: it stands in the log of the incident, when there is one."""
    fact: Any = told.fact
    incident = queries.of_contact(fact.contact)
    return _line(incident, f"asked-{fact.answer}") if incident else []


@live.on("log-*")
def line_of_incident(told: Told) -> list[Fragment]:
    """Despatch, officers or the system added a line."""
    fact: Any = told.fact
    return _line(Incident.objects.get(pk=fact.incident), f"entry-{fact.entry}")


@live.on("log-*")
def file(told: Told) -> list[Fragment]:
    """A file was added, or taken off: then its line is shown again, without the way to open it."""
    fact: Any = told.fact
    incident = queries.of_contact(fact.contact)
    if incident is None:
        return []
    return [one for key in ("file", "unfile") for one in _line(incident, f"{key}-{fact.attachment}")]


@live.on("log-*")
def evidence(told: Told) -> list[Fragment]:
    """Evidence that may be lost was noted, or it is said what became of it."""
    fact: Any = told.fact
    incident = queries.of_contact(fact.contact)
    key = "secured" if hasattr(fact, "state") else "evidence"
    return _line(incident, f"{key}-{fact.evidence}") if incident else []


@live.on("log-*")
def decision(told: Told) -> list[Fragment]:
    """A grade was decided: it stands in the log between the lines."""
    fact: Any = told.fact
    return _line(Incident.objects.get(pk=fact.incident), f"decision-{fact.decision}")


@live.on("log-*")
def proposal(told: Told) -> list[Fragment]:
    """Less, or later, was asked of a second person, or they answered."""
    fact: Any = told.fact
    key = "answer" if hasattr(fact, "state") else "proposal"
    return _line(Incident.objects.get(pk=fact.incident), f"{key}-{fact.proposal}")


def _line(incident: Incident, key: str) -> list[Fragment]:
    if not live.is_shown(f"log-{incident.pk}"):
        return []
    line = next((one for one in queries.log(incident.pk) if one.key == key), None)
    first = queries.contacts_of(incident.pk).first()
    if line is None or first is None:
        return []
    drawn = render_to_string("incidents/_line.html", {"shown": shown_line(line, first)})
    # what a unit did is for who works with the board; a handler reads it on the contact's page, once the risk is saved (R47)
    needs = "incidents.board" if line.origin == "unit" else "incidents.see"
    return [Fragment(f"log-{incident.pk}", f"#log-{incident.pk}", drawn, needs, "beforeend")]
