"""The ground of the browser tests: a live site with the demo city in it, a browser that tells what it disliked."""


def test_a_person_of_the_demo_can_log_in(page, log_in):
    log_in(page, "handler@northmoor")
    assert page.title()


def test_the_test_can_look_behind_the_live_sites_back(live_site):
    from django.db import transaction

    from watchroom.foundation import scope
    from watchroom.staff.models import Member

    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        assert Member.objects.filter(full_name="Bryn Pugh").exists()
