from watchroom.demo import city, staff
from watchroom.force import packs
from watchroom.staff.roles import ROLES


def test_every_account_has_a_role_that_exists_and_a_force():
    for account in staff.ACCOUNTS:
        assert set(account.roles) <= set(ROLES)
        assert account.force in {f.code for f in staff.FORCES}
    assert len({(a.force, a.name) for a in staff.ACCOUNTS}) == len(staff.ACCOUNTS)


def test_skills_are_those_of_the_policy_of_who_takes_contacts():
    policy = packs.shipped("northmoor").routing
    for account in staff.ACCOUNTS:
        assert set(account.skills) <= {one.code for one in policy.abilities}
        assert all(1 <= level <= len(policy.levels) for level in account.skills.values())
        assert not account.skills or set(account.roles) & {"handler", "resolver", "switchboard"}
    assert [a.name for a in staff.ACCOUNTS if "welsh" in a.skills] == ["handler"], (
        "who looks at the demo is rung by the Welsh caller"
    )


def test_the_outsider_and_the_neighbour_belong_to_the_other_force():
    assert {a.name for a in staff.ACCOUNTS if a.force == "southmere"} == {"outsider", "neighbour"}


def test_units_have_a_status_and_skills_that_the_policy_knows():
    policy = packs.shipped("northmoor")
    for unit in staff.units(city.build(1)):
        assert unit.status in {s.number for s in policy.dispatch.statuses}
        assert set(unit.skills) <= {s.code for s in policy.dispatch.skills}
        assert unit.crew in (1, 2)


def test_the_units_of_the_design_are_out():
    signs = {u.call_sign for u in staff.units(city.build(1))}
    on_the_board = {"NH21", "NH14", "NH03", "NH11", "NH07", "NH12", "NH16", "NH30", "NH04", "NH15", "NH09", "NH22", "NH27"}
    assert signs >= on_the_board | {"AR2", "DG1", "SM01"}


def test_nh21_is_double_crewed_with_taser_and_near_tanners_row():
    town = city.build(1)
    unit = next(u for u in staff.units(town) if u.call_sign == "NH21")
    flat = town.find("18", "tanners-row", "Flat 2")
    assert unit.crew == 2
    assert "taser" in unit.skills
    assert abs(unit.x - flat.x) + abs(unit.y - flat.y) < 400


def test_southmere_has_units_of_its_own():
    forces = {staff.force_of(u) for u in staff.units(city.build(1))}
    assert forces == {"northmoor", "southmere"}
