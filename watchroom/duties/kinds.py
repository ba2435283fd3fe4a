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
    "callback": Kind("Callback", "They hung up because they are to be rung at their turn, and have not been yet."),
    "listen": Kind("Listen", "Nobody has listened to the message yet."),
    "unheard": Kind("Unheard message", "A message is past its time and still unheard: see that somebody listens."),
    "interpreter": Kind(
        "Interpreter awaited", "An interpreter was asked and is not there: find another, or say that they are gone."
    ),
    "quiet": Kind("Gone quiet: look", "They went quiet in a chat: look what may have happened, and write what you found."),
    "sent_or_not": Kind("Sent or not?", "Nobody knows whether a message of ours went out: look, and say so."),
    "text_failed": Kind(
        "Text did not arrive",
        "A text to their telephone did not reach it: tell them another way, or say why nothing more is done.",
    ),
    "approve_post": Kind("Post: approve or not", "A post to everybody waits for a second person."),
    "take_down": Kind(
        "Take a post down", "A post was withdrawn and may still stand where everybody reads it: see that it is gone."
    ),
    "grade": Kind("Grade", "The incident has no grade yet."),
    "attend": Kind("Attend", "Nobody has attended yet."),
    "deployment": Kind("Unit on the job", "A unit is still on the job: clear it with a result first."),
    "call_back": Kind("Call back", "A call back was promised and not made yet."),
    "decide": Kind("Decide: late", "Nobody will be there in time: decide what to do, and justify it."),
    "look": Kind("New information", "Something new has come: look at the risk again."),
    "review": Kind("Review the risk", "The risk of this waiting case has to be looked at again."),
    "regrade": Kind("Decide the grade again", "The risk now asks for a more urgent grade than was decided."),
    "evidence": Kind("Secure evidence", "Evidence that may be lost is not secured: secure it, or say why it cannot be had."),
    "approve": Kind("Answer what is asked", "A second person has to answer what was asked for."),
    "lapse": Kind("Lapses unanswered", "What was asked for is still unanswered."),
    "resolve": Kind("Resolve", "It is to be resolved without sending anyone, and is not yet."),
    "post_advice": Kind("Post the advice", "Written advice was to be posted and is not yet."),
    "appointment": Kind("Appointment", "An appointment was made and not kept yet."),
    "investigate": Kind("Desk investigation", "The desk investigation is not finished yet."),
    "enquiry": Kind("Line of enquiry", "A line of enquiry is still open."),
    "follow_up": Kind("Ask afterwards", "Nobody has asked yet whether it was put right."),
    "assess": Kind("Assess its quality", "A resolved case was drawn to be assessed, and nobody has yet."),
    "put_right": Kind("Put right", "An assessment found that somebody is owed more than was done."),
    "read_check": Kind("Read what was found", "What was found in a case of yours is not read yet."),
    "flag_review": Kind("Flag to review", "The review date of this flag has passed: confirm it again, correct or remove it."),
    "flag_challenge": Kind("Flag challenged", "Somebody says that this flag is wrong: decide."),
    "look_review": Kind("Read a look", "A look at a record of somebody’s own has to be read by professional standards."),
    "look_reason": Kind("Say why you looked", "It was your work, and somebody of your own: say so."),
    "plan": Kind("Make a plan", "Somebody who is in touch often has no plan yet: make one, or say why not."),
    "plan_review": Kind("Plan to review", "The review date of this plan has passed: renew it, or end it."),
    "accepted": Kind(
        "Other force to accept", "The other force has not accepted it: it is still ours. Ring them, or deal with it."
    ),
    "series": Kind("Look at a series", "Nobody has judged yet whether these incidents are a series."),
    "crime": Kind("Crime or not", "Whether a crime is recorded is not decided: give its reference, or say why there is none."),
    "victim_told": Kind("Tell the victim in writing", "The victim has no written confirmation with the crime number yet."),
    "victim_support": Kind("Offer support", "The victim has not been referred to a support service yet, or asked."),
    "victim_update": Kind("Tell the victim the result", "The victim has not been told how it ended yet."),
    "drift": Kind("Grades go with load", "Somebody has to look why busy moments are graded lower, and write what was found."),
    "close": Kind("Result and close", "The result is not recorded yet."),
}


def label(kind: str) -> str:
    return KINDS[kind].label if kind in KINDS else kind


def owed(kind: str) -> str:
    return KINDS[kind].owed if kind in KINDS else f"Still owed: {kind}."
