"""In which order do we ask? One question a page; the first is whether it is safe to answer."""

from dataclasses import dataclass

from django import forms

from watchroom.portal.forms import SafeForm, SendForm, WhatForm, WhenForm, WhereForm, YouForm


@dataclass(frozen=True)
class Step:
    code: str
    name: str  # as the list of steps says it
    form: type[forms.Form]


STEPS = (
    Step("safe", "Contacting you safely", SafeForm),
    Step("what", "What happened", WhatForm),
    Step("where", "Where", WhereForm),
    Step("when", "When", WhenForm),
    Step("you", "About you", YouForm),
    Step("check", "Check and send", SendForm),
)
LAST = len(STEPS)


def number_of(code: str) -> int:
    return next(number for number, step in enumerate(STEPS, 1) if step.code == code)
