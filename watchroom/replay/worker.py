"""One call of a real day, from arrival to closing, through the same actions as a person's keys and clicks."""

import os
import time
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from watchroom.replay import rules

ELEMENTS = ("threat", "harm", "risk", "investigation", "vulnerability", "engagement")
WORDS = (
    "Threat as reported: {title}.",
    "Harm judged from the title, {title}, level {level}.",
    "Until somebody arrives at {where}: what the caller described may get worse.",
    "To be kept or found at {where}: level {level}.",
    "Whoever needs help at {where} may not be able to help themselves.",
    "Reached through the number that rang about {title}.",
)


@dataclass
class Outcome:
    """What became of a batch; merged by the runner."""

    received: int = 0
    repeated: int = 0
    assessed: int = 0
    graded: int = 0
    deployed: int = 0
    resolved: int = 0
    closed: int = 0
    skipped: list[dict] = field(default_factory=list)
    unfinished: list[dict] = field(default_factory=list)  # received, and refused at a later step
    acknowledged: list[tuple[str, int]] = field(default_factory=list)  # row key, contact
    latency: dict[str, list[float]] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        for name in ("received", "repeated", "assessed", "graded", "deployed", "resolved", "closed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.skipped += other.skipped
        self.unfinished += other.unfinished
        self.acknowledged += other.acknowledged
        for step, values in other.latency.items():
            self.latency.setdefault(step, []).extend(values)


class Replayer:
    """The people and units of one worker; each worker has its own, so that no two send the same unit."""

    def __init__(self, force: str, number: int) -> None:
        from django.db import transaction

        from watchroom.dispatch.models import Unit
        from watchroom.foundation import scope
        from watchroom.gazetteer.models import Place
        from watchroom.staff.models import Member

        self.force = force
        self.titles = rules.Titles()
        with scope.use(force), transaction.atomic():
            self.handler = Member.objects.get(name=f"handler{number}")
            self.units = list(Unit.objects.filter(callsign__startswith=f"W{number}-").order_by("callsign"))
            self.places = dict(Place.objects.values_list("reference", "pk"))

    def run(self, rows: Iterable[rules.Row]) -> Outcome:
        from watchroom.foundation import scope
        from watchroom.foundation.errors import Refused

        outcome = Outcome()
        with scope.use(self.force):
            for row in rows:
                try:
                    self._pass(row, outcome)
                except Refused as refused:
                    outcome.unfinished.append({"line": row.line, "why": str(refused)})
        return outcome

    def _pass(self, row: rules.Row, outcome: Outcome) -> None:
        from django.db import transaction

        from watchroom.contacts import actions as contacts
        from watchroom.foundation.errors import Refused
        from watchroom.gazetteer.models import Place
        from watchroom.identity import queries as identity
        from watchroom.incidents import actions as incidents

        by, treatment = self.handler.code, self.titles.treat(row.title)
        where = f"{row.address.title()}, {row.township.title()}"

        @contextmanager
        def step(name: str):
            begun = time.perf_counter()
            yield
            outcome.latency.setdefault(name, []).append((time.perf_counter() - begun) * 1000)

        def at(seconds: float):
            return row.at + timedelta(seconds=seconds)

        try:
            with step("received"):
                contact, repeated = contacts.receive(
                    key=row.key,
                    channel="999",
                    transferred_at=row.at,
                    by="link:replay",
                    at=row.at,
                    text=f"{row.title}. {row.desc}",
                    place_said=where[:200],
                )
        except Refused as refused:
            outcome.skipped.append({"line": row.line, "why": str(refused)})
            return
        outcome.received += 1
        outcome.acknowledged.append((row.key, contact.pk))
        if repeated:
            outcome.repeated += 1
            if contact.state == contact.State.WRAPPED:
                return  # a row that was cut off half way is taken up again; a finished one adds nothing
        with step("answered"):
            if contact.state == contact.State.WAITING:
                contacts.answer(contact=contact.pk, member=self.handler, by=by, at=at(4))
        with step("identified"), transaction.atomic():
            place = Place.objects.get(pk=self.places[row.place_reference])
            contact = contacts.pick_place(contact=contact.pk, place=place, by=by, at=at(15))
            identity.candidates(contact, on=contact.day)
            identity.markers(contact)
        with step("opened"):
            incident = incidents.open_incident(contact=contact.pk, kind=treatment.kind, by=by, at=at(20))
        if incident.is_open:
            self._judge_and_close(row, contact, incident, outcome, step)
        with step("wrapped_up"):
            contacts.end(contact=contact.pk, how="caller", by="link:replay", at=at(180))
            contacts.wrap_up(contact=contact.pk, by=by, at=at(240))

    def _judge_and_close(self, row: rules.Row, contact, incident, outcome: Outcome, step) -> None:
        """From the risk to the closing of the log."""
        from django.db import transaction

        from watchroom.dispatch import actions as dispatch
        from watchroom.duties import queries as duties
        from watchroom.incidents import actions as incidents
        from watchroom.incidents import recording
        from watchroom.resolution import actions as resolution

        by, treatment = self.handler.code, self.titles.treat(row.title)
        where = f"{row.address.title()}, {row.township.title()}"

        def at(seconds: float):
            return row.at + timedelta(seconds=seconds)

        with step("assessed"), transaction.atomic():
            self._judge(row, contact, treatment, where, at)
            outcome.assessed += 1
        with step("graded"), transaction.atomic():
            to = self._grade(contact, incident, treatment, at(70))
            incidents.grade(incident=incident.pk, to=to, justification=f"{row.title} at {where}.", by=by, at=at(70))
            outcome.graded += 1
        if treatment.outcome:
            with step("resolved"):
                resolution.resolve(
                    incident=incident.pk,
                    outcome=treatment.outcome,
                    agency=treatment.agency,
                    text=f"{row.title}: passed to who answers for the road.",
                    by=by,
                    at=at(120),
                )
                outcome.resolved += 1
        else:
            unit = self.units[row.line % len(self.units)]
            with step("deployed"):
                dispatch.assign(incident=incident.pk, unit=unit.pk, by=by, at=at(90))
            with step("arrived"):
                dispatch.arrive(incident=incident.pk, unit=unit.pk, by=by, at=at(90 + 60 * (4 + row.line % 9)))
            with step("cleared"):
                dispatch.clear(incident=incident.pk, unit=unit.pk, by=by, at=at(2400), result=f"{row.title}: dealt with.")
            outcome.deployed += 1
        with step("closed"), transaction.atomic():
            if duties.is_owed("crime", ("incident", incident.pk)):
                account = "The source of this row says nothing of a crime record."
                recording.no_crime(incident=incident.pk, reason="other_record", account=account, by=by, at=at(2460))
            incidents.close(
                incident=incident.pk, category=treatment.category, result=f"{row.title}: dealt with.", by=by, at=at(2460)
            )
            outcome.closed += 1

    def _judge(self, row: rules.Row, contact, treatment: rules.Treatment, where: str, at) -> None:
        """The risk in full, or that nothing was heard; where a word forbids that (a road called Hammer), in full after all."""
        from django.db import transaction

        from watchroom.assessment import actions as assessment
        from watchroom.foundation.errors import Refused

        by = self.handler.code
        if not treatment.levels:
            because = f"{row.title}: nobody hurt, nobody in danger, the road is passable."
            try:
                with transaction.atomic():
                    assessment.nothing_heard(contact=contact.pk, because=because, by=by, at=at(60))
                    return
            except Refused:
                pass
        levels = treatment.levels or (0,) * len(ELEMENTS)
        for element, level, words in zip(ELEMENTS, levels, WORDS, strict=True):
            text = words.format(title=row.title, where=where, level=level)
            assessment.answer(contact=contact.pk, element=element, level=level, rationale=text, by=by, at=at(60))
        assessment.save(contact=contact.pk, by=by, at=at(62))

    @staticmethod
    def _grade(contact, incident, treatment: rules.Treatment, when) -> str:
        """What the rules suggest; where they suggest nothing, or less than a visit that the table wants, the nearest that fits."""
        from watchroom.assessment import queries as assessment

        if treatment.outcome:
            return "rwd"
        suggested = assessment.suggestion(contact, kind=incident.kind, at=when).grade
        return suggested if suggested and suggested != "rwd" else "scheduled"


_replayer: Replayer | None = None


def begin(force: str, numbers) -> None:
    """What each worker process does first."""
    global _replayer
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")
    import django

    django.setup()
    _replayer = Replayer(force, numbers.get())


def work(batch: list[rules.Row]) -> Outcome:
    assert _replayer is not None
    return _replayer.run(batch)
