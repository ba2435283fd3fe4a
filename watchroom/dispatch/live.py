"""What of the despatcher's screen changes with a fact? Each fragment is drawn once and sent to every desk that shows it.

A row is put into `#jobs` or `#units` by its own id: where it stands there already it is replaced, else it is new. Which
group it belongs to and in which order is written on it; the page (`desk/despatch.js`) keeps the groups. Of the facts that are
read together, the first has a row or the headline drawn, and the others take that drawing (`memory.once`).
"""

from django.template.loader import render_to_string

from watchroom.dispatch import board, unitboard
from watchroom.dispatch.facts import UnitStatusChanged
from watchroom.foundation import clock, live, memory
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment
from watchroom.identity.flags import queries as flags
from watchroom.incidents import queries as incidents


@live.on("incidents")
def job(told: Told) -> list[Fragment]:
    """An incident changed, or who is on it: its row, how many wait, and what is most dangerous now."""
    return _row(told.fact.subject[1]) + head(told)


@live.on("incidents")
def job_of_contact(told: Told) -> list[Fragment]:
    """Something was heard or judged in a contact: its open incident's row may show another mark."""
    incident = incidents.of_contact(told.fact.subject[1])
    return _row(incident.pk) + head(told) if incident and incident.is_open else []


@live.on("incidents")
def flagged(told: Told) -> list[Fragment]:
    """A flag came, was put right or went: the rows of the open jobs that it bears on."""
    jobs = [incidents.of_contact(contact) for contact in flags.in_hand_with(told.fact.subject[1])]
    found = {job.pk for job in jobs if job and job.is_open}
    return [fragment for job in sorted(found) for fragment in _row(job)] + (head(told) if found else [])


@live.on("incidents")
def head(told: Told) -> list[Fragment]:
    """The headline and the number of jobs."""
    return memory.once("dispatch.head", _head)


def _head() -> list[Fragment]:
    at = clock.now()
    context = {"summary": board.summary(at=at), "now": at}
    return [
        Fragment("incidents", "#headline", render_to_string("dispatch/_headline.html", context), "incidents.board"),
        Fragment("incidents", "#jobs-note", render_to_string("dispatch/_jobs_note.html", context), "incidents.board"),
    ]


@live.on("units", "incidents")
def unit(told: Told) -> list[Fragment]:
    """A unit's status changed. An emergency takes the headline over, and gives it back."""
    at = clock.now()
    row = unitboard.row(told.fact.subject[1], at=at)
    drawn = render_to_string("dispatch/_unit.html", {"row": row, "now": at})
    fragments = [Fragment("units", "#units", drawn, "dispatch.see", "beforeend")]
    if isinstance(told.fact, UnitStatusChanged) and 0 in (told.fact.status, told.fact.before):
        fragments += head(told)
    return fragments


def _row(incident: int) -> list[Fragment]:
    return memory.once(f"dispatch.row {incident}", lambda: _draw_row(incident))


def _draw_row(incident: int) -> list[Fragment]:
    at = clock.now()
    found = board.rows(at=at, only=[incident])
    if not found or found[0].job.group not in board.GROUPS:
        return [Fragment("incidents", f"#incident-{incident}", "", "incidents.board", "delete")]
    drawn = render_to_string("dispatch/_job.html", {"row": found[0], "now": at})
    return [Fragment("incidents", "#jobs", drawn, "incidents.board", "beforeend")]
