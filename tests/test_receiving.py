"""One receives while another does: nobody waits for what another's contact leads to, and the numbers of the day have no gap."""

import threading

from django.db import connections, transaction

from tests import world
from watchroom import journey
from watchroom.contacts import facts as told
from watchroom.contacts.models import Contact
from watchroom.foundation import scope


def test_a_contact_is_received_while_what_another_leads_to_still_runs(clone, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def takes_long(fact) -> None:
        if threading.current_thread() is slow:
            begun.set()
            go_on.wait(30)

    def receive() -> None:
        try:
            with scope.use("northmoor"), transaction.atomic():
                world.a_call()
        finally:
            connections.close_all()

    monkeypatch.setitem(journey.NOW, told.ContactArrived, (takes_long,))
    slow, quick = threading.Thread(target=receive), threading.Thread(target=receive)
    slow.start()
    assert begun.wait(30)
    quick.start()
    quick.join(10)
    is_through = not quick.is_alive()
    go_on.set()
    slow.join(30)
    quick.join(30)
    assert is_through, "the second contact waited for the first one's reactions"
    with scope.use("northmoor"), transaction.atomic():
        assert sorted(Contact.objects.values_list("number", flat=True)) == [1, 2]
