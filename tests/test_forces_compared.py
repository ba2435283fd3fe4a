"""Two forces hand each other their figures; neither sees a row of the other's."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import world
from watchroom.demand.models import Published
from watchroom.foundation import clock, scope


@pytest.fixture
def days():
    today = clock.now().date()
    return f"from={today - timedelta(days=1)}&to={today}"


def test_figures_go_from_one_force_to_the_other_as_a_file_and_stand_beside_each_other(northmoor, days):
    world.resolve(world.to_be_resolved(at=clock.now() - timedelta(minutes=10)), at=clock.now())
    ana = world.signed_in("ana", "analyst")
    handed = ana.get(f"/demand/figures.json?{days}")
    assert handed.status_code == 200
    text = handed.content.decode()
    assert "07700" not in text
    assert "Tanner" not in text
    with scope.use("southmere"):
        eve = world.signed_in("eve", "analyst", force="southmere")
        world.resolve(world.to_be_resolved(at=clock.now() - timedelta(minutes=10)), at=clock.now())
        sent = SimpleUploadedFile("figures.json", handed.content)
        assert eve.post("/demand/forces/take/", {"file": sent}).status_code == 303
        page = eve.get(f"/demand/forces/?{days}").content.decode()
        assert "Northmoor Police" in page
        assert "100.0 %" in page
    assert not Published.objects.exists()  # here, in Northmoor
    assert "Southmere" not in ana.get(f"/demand/forces/?{days}").content.decode()


def test_a_bad_file_is_refused_on_the_page_and_other_days_stand_apart(northmoor, days):
    ana = world.signed_in("ana", "analyst")
    answer = ana.post("/demand/forces/take/", {"file": SimpleUploadedFile("figures.json", b"{}")})
    assert answer.status_code == 422
    assert "This is no file of figures" in answer.content.decode()
    assert ana.post("/demand/forces/take/").status_code == 422
    assert ana.get("/demand/forces/?figure=nothing").status_code == 422
    assert ana.get("/demand/forces/?from=2026-01-01&to=2026-12-01").status_code == 422
    assert ana.get("/demand/figures.json?from=2020-01-01&to=2020-01-02").status_code == 422
    inspector = world.signed_in("ines", "inspector")
    assert inspector.get("/demand/forces/").status_code == 200
    assert inspector.post("/demand/forces/take/").status_code == 403
