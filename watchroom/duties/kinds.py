"""What may be owed, in words: the label on a screen, and the sentence for whoever wants to finish without it."""

from typing import NamedTuple


class Kind(NamedTuple):
    label: str
    owed: str


KINDS = {
    "answer": Kind("Answer", "Nobody has answered yet."),
    "risk": Kind("Risk record", "The risk is not written yet. Write it, or judge “nothing heard, because …”."),
    "wrap_up": Kind("Write up", "The contact is not written up yet."),
    "abandoned": Kind("Ring back", "The caller gave up; somebody has to look whether to ring back."),
    "grade": Kind("Grade", "The incident has no grade yet."),
    "attend": Kind("Attend", "Nobody has attended yet."),
    "deployment": Kind("Unit on the job", "A unit is still on the job: clear it with a result first."),
    "call_back": Kind("Call back", "A call back was promised and not made yet."),
    "close": Kind("Result and close", "The result is not recorded yet."),
}


def label(kind: str) -> str:
    return KINDS[kind].label if kind in KINDS else kind


def owed(kind: str) -> str:
    return KINDS[kind].owed if kind in KINDS else f"Still owed: {kind}."
