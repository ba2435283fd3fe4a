"""Does the house keep its own rules? What imports cannot show is held here."""

import ast
import configparser
import dataclasses
import importlib
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from watchroom.desk import supervisor_live
from watchroom.foundation import facts, protect
from watchroom.foundation.models import Scoped
from watchroom.rooms import ROOMS
from watchroom.staff.roles import ROLES

REPOSITORY = Path(__file__).resolve().parent.parent
ORDER = {room.label: number for number, room in enumerate(ROOMS)}


def test_foreign_keys_point_upstream():
    for model in apps.get_models():
        here = ORDER.get(model._meta.app_label)
        for field in model._meta.concrete_fields:
            if here is not None and field.is_relation and field.related_model._meta.app_label in ORDER:
                there = ORDER[field.related_model._meta.app_label]
                assert there <= here, f"{model.__name__}.{field.name} points down the list, to {field.related_model.__name__}"


def test_the_import_contract_lists_the_rooms_in_their_order():
    config = configparser.ConfigParser()
    config.read(REPOSITORY / ".importlinter")
    layers = [line.strip(" ()") for line in config["importlinter:contract:direction"]["layers"].split()]
    rooms = list(dict.fromkeys(room.name.split(".")[0] for room in ROOMS))
    assert [layer for layer in reversed(layers) if layer in rooms] == rooms


def test_every_room_on_the_list_exists_and_says_its_question():
    for room in ROOMS:
        folder = REPOSITORY / "watchroom" / room.name.replace(".", "/")
        assert (folder / "README.md").exists(), f"{room.name} has no README that asks: {room.question}"


def test_every_force_table_is_protected(db):
    assert protect.problems() == []


def test_every_table_without_a_force_has_a_reason():
    for model in apps.get_models(include_auto_created=True):
        if not issubclass(model, Scoped):
            assert model._meta.db_table in protect.UNSCOPED


def test_every_unique_key_of_a_force_table_starts_with_the_force(db):
    """A global one would tell one force of another's rows."""
    with connection.cursor() as cursor:
        for model in protect.scoped_models():
            for name, found in connection.introspection.get_constraints(cursor, model._meta.db_table).items():
                if found["unique"] and not found["primary_key"] and found["columns"]:
                    one_to_one = (
                        len(found["columns"]) == 1 and model._meta.get_field(found["columns"][0].removesuffix("_id")).is_relation
                    )
                    assert found["columns"][0] == "force" or one_to_one, f"{model._meta.db_table}.{name}"


def test_facts_are_frozen_and_hold_ids_codes_and_times_only():
    allowed = {"int", "str", "bool", "float", "datetime", "bool | None", "datetime | None", "list[str]", "dict[str, int]"}
    for name, kind in facts.kinds().items():
        assert kind.__dataclass_params__.frozen, name
        assert hasattr(kind, "about"), name
        for field in dataclasses.fields(kind):
            shown = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
            shown = str(field.type) if "|" in str(field.type) or "[" in str(field.type) else shown
            assert shown.replace("datetime.datetime", "datetime") in allowed, f"{name}.{field.name} is {shown}"
            assert field.name not in {"text", "name", "caller_number", "address", "rationale"}, (
                f"{name}.{field.name} could hold a person"
            )


def test_the_journey_names_facts_and_functions_that_exist():
    journey = importlib.import_module("watchroom.journey")
    for table in (journey.NOW, journey.SOON, journey.SHOWN):
        for fact, calls in table.items():
            assert facts.kinds()[fact.__name__] is fact
            assert all(callable(call) for call in calls)


def test_every_panel_of_the_supervisor_names_facts_that_exist_and_the_journey_stirs_them():
    journey = importlib.import_module("watchroom.journey")
    assert set(supervisor_live.STIRS) == {"headline", "arrives", "room", "waiting", "owed"}
    for fact in supervisor_live.STIRRED_BY:
        assert facts.kinds()[fact.__name__] is fact
        assert supervisor_live.stir in journey.SHOWN[fact]


def test_what_a_live_fragment_needs_is_a_permission_that_somebody_has():
    """One that nobody has is sent to nobody: the page never looks again, and no error says so."""
    known = set().union(*ROLES.values())
    needed = set()
    for path in (REPOSITORY / "watchroom").rglob("*live.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Fragment":
                said = [*call.args, *(one.value for one in call.keywords if one.arg == "needs")]
                words = [one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                needed |= {word for word in words if re.fullmatch(r"[a-z]+\.[a-z_]+", word)}
    assert len(needed) > 4
    assert needed <= known


@pytest.mark.parametrize("room", [room.name for room in ROOMS])
def test_a_room_has_only_the_furniture_that_every_room_may_have(room):
    """Learn one room and you know them all."""
    known = {"facts", "rules", "queries", "actions", "models", "views", "forms", "urls", "tasks", "live", "apps", "__init__"}
    folder = REPOSITORY / "watchroom" / room.replace(".", "/")
    if room in ("foundation", "shell", "demo", "replay", "force"):
        pytest.skip("a ground or tool room with parts of its own, named in its README")
    for path in folder.glob("*.py"):
        assert path.stem in known or path.stem in (folder / "README.md").read_text(), (
            f"{path.stem} is not explained in {room}/README.md"
        )


def test_every_form_is_a_post_even_before_the_scripts_are_there():
    """Else a key pressed too early would send what was typed as a GET, and the words would stand in the address."""
    for path in (REPOSITORY / "watchroom").glob("**/templates/**/*.html"):
        for tag, rest in re.findall(r'(<form(?:[^>"]|"[^"]*")*>)(.{0,40})', path.read_text(), re.DOTALL):
            if "hx-post" in tag:
                assert 'method="post"' in tag, f"{path.name}: {tag}"
                assert "action=" in tag, f"{path.name}: {tag}"
                assert "csrf_token" in path.read_text(), f"{path.name}: {tag}{rest}"
