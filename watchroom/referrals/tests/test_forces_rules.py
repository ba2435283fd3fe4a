"""Whatever comes twice, late or in another order: somebody holds the risk at every moment, and both ends agree at the end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.force import packs
from watchroom.referrals.forces import rules

POLICY = packs.shipped("northmoor")


class Crossing:
    """Both ends, and a network that keeps every message for as long as it likes and brings it as often as it likes."""

    def __init__(self) -> None:
        self.sender: rules.Sent = "sent"
        self.receiver: rules.Came | None = None
        self.out: list[bool] = []  # messages on their way: whether each is a recall
        self.back: list[rules.Came] = []
        self.accepted = False

    def say(self, _: int) -> None:
        if self.sender in rules.OPEN:
            self.out.append(self.sender == "recalled")

    def bring(self, which: int) -> None:
        if self.out:
            self.receiver = rules.told(self.receiver, is_recalled=self.out[which % len(self.out)])
            self.back.append(self.receiver)

    def bring_back(self, which: int) -> None:
        if self.back:
            self.sender = rules.learned(self.sender, self.back[which % len(self.back)])

    def recall(self, _: int) -> None:
        if self.sender in ("sent", "delivered"):
            self.sender = "recalled"

    def accept(self, _: int) -> None:
        if self.receiver is not None and rules.answered(self.receiver, "accepted"):
            self.receiver = "accepted"

    def decline(self, _: int) -> None:
        if self.receiver is not None and rules.answered(self.receiver, "declined"):
            self.receiver = "declined"

    def settle(self) -> None:
        """The job goes on until there is an end."""
        for _ in range(3):
            self.say(0)
            self.bring(-1)
            self.bring_back(-1)


ACTS = ("say", "bring", "bring_back", "recall", "accept", "decline")


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 50)), max_size=40))
def test_in_no_order_of_events_is_it_in_nobodys_hands(events):
    crossing = Crossing()
    receiver_was = sender_was = None
    for act, number in events:
        getattr(crossing, act)(number)
        if not rules.is_ours(crossing.sender):
            assert crossing.receiver == "accepted", "the sender let go before somebody there had accepted"
        if receiver_was in ("accepted", "declined", "withdrawn"):
            assert crossing.receiver == receiver_was, "an answer was taken back"
        if sender_was and sender_was not in rules.OPEN:
            assert crossing.sender == sender_was
        receiver_was, sender_was = crossing.receiver, crossing.sender
    crossing.settle()
    if crossing.receiver != "waiting":
        assert crossing.sender == crossing.receiver, "both ends agree in the end"
    else:
        assert crossing.sender == "delivered"


def test_a_recall_that_comes_first_keeps_the_handover_out_and_one_too_late_changes_nothing():
    assert rules.told(None, is_recalled=True) == "withdrawn"
    assert rules.told("withdrawn", is_recalled=False) == "withdrawn"
    assert rules.told("accepted", is_recalled=True) == "accepted"
    assert rules.learned("recalled", "accepted") == "accepted"
    assert rules.learned("declined", "accepted") == "declined", "what they say after the end changes nothing"
    assert rules.learned("recalled", "waiting") == "recalled", "an answer to an earlier word"


@pytest.mark.parametrize("canonical", ["", "immediate", "priority", "scheduled", "appointment", "rwd"])
@pytest.mark.parametrize("is_live", [True, False])
def test_more_danger_or_a_caller_who_waits_never_makes_it_later_or_lower(canonical, is_live):
    urgent = rules.is_urgent(is_live=is_live, canonical=canonical)
    due = rules.accept_by(world.NIGHT, is_urgent=urgent, policy=POLICY)
    assert due <= rules.accept_by(world.NIGHT, is_urgent=False, policy=POLICY)
    assert (due == world.NIGHT + timedelta(seconds=120)) == (is_live or canonical == "immediate")
    assert rules.attention(is_live=is_live, canonical=canonical) >= rules.attention(is_live=False, canonical=canonical)
