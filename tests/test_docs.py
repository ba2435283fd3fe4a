"""Do the documents say what is so? Paths, names, tests, links, commands and examples that they mention are looked up here."""

import importlib
import importlib.util
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from django.db import transaction

from tests import world
from watchroom.cli import app as console
from watchroom.foundation import scope
from watchroom.rooms import ROOMS

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "watchroom"
FOLDERS = {room.name: PACKAGE / room.name.replace(".", "/") for room in ROOMS}
TOP = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
DOCUMENTS = [*TOP, *(folder / "README.md" for folder in FOLDERS.values())]
REQUIREMENTS = REPOSITORY / "docs" / "requirements.md"
PICTURES = REPOSITORY / "docs" / "pictures"

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ENDINGS = (".py", ".md", ".toml", ".js", ".css", ".html", ".lock", ".json", ".cfg", ".png")
DOTTED = re.compile(r"[a-z_]\w*(?:\.\w+)+")
FURNITURE = ("facts", "rules", "queries", "actions", "models", "views", "live")
FURNITURE_FILES = {f"{name}.py" for name in (*FURNITURE, "forms", "urls", "tasks")} | {"README.md"}  # of any room
OF_THE_STATE_FOLDER = (
    ".watchroom",
    "pg/",
    "anchors/",
    "batch/",
    "files/",
    "logs/",
    "postgres.json",
    "database.json",
    "secrets.json",
    "records.json",
    "forces.json",
    "asterisk.toml",
)


def name_of(document: Path) -> str:
    return str(document.relative_to(REPOSITORY))


def prose(document: Path) -> str:
    return FENCED.sub("", document.read_text())


def spans(document: Path) -> list[str]:
    return [found.split("::")[0] for found in SPAN.findall(prose(document))]


def room_of(document: Path) -> str:
    return next((name for name, folder in FOLDERS.items() if document.parent == folder), "")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_that_is_mentioned_exists(document):
    missing = []
    for span in spans(document):
        looks_like_one = PATH.fullmatch(span) and (span.endswith(ENDINGS) or span.endswith("/"))
        if not looks_like_one or span.startswith(OF_THE_STATE_FOLDER) or span in FURNITURE_FILES:
            continue
        found = any((folder / span).exists() for folder in (document.parent, REPOSITORY, PACKAGE, REPOSITORY / "docs"))
        if not found and room_of(document):  # a part of the room, in a folder named beside it
            found = any(document.parent.rglob(span))
        if not found and span != "docs/pictures/handler.png":  # the pictures are made by `make screenshots`
            missing.append(span)
    assert missing == []


@cache
def roots() -> set[str]:
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    return {room.name.split(".")[0] for room in ROOMS} | modules


def resolves(dotted: str) -> bool:
    parts = dotted.split(".")
    here: ModuleType | object = importlib.import_module("watchroom")
    for number, part in enumerate(parts, start=1):
        name = "watchroom." + ".".join(parts[:number])
        if isinstance(here, ModuleType) and not hasattr(here, part) and importlib.util.find_spec(name):
            here = importlib.import_module(name)
        elif hasattr(here, part) or part in getattr(here, "__annotations__", {}) or part in getattr(here, "model_fields", {}):
            here = getattr(here, part, None)
        else:
            return False
    return True


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_module_and_function_that_is_mentioned_exists(document):
    missing = []
    for span in spans(document):
        dotted = span.split("(")[0].removeprefix("watchroom.")
        if not DOTTED.fullmatch(dotted) or dotted.endswith(ENDINGS):
            continue
        first, room = dotted.split(".")[0], room_of(document)
        if first in FURNITURE and room:
            dotted = f"{room}.{dotted}"
        elif first not in roots():
            continue
        if not resolves(dotted):
            missing.append(span)
    assert missing == []


@pytest.mark.parametrize("document", TOP, ids=name_of)
def test_every_test_that_is_named_exists(document):
    missing = []
    for path, test in re.findall(r"`([\w/]+\.py)::(test_\w+)`", document.read_text()):
        file = next((folder / path for folder in (REPOSITORY, PACKAGE) if (folder / path).exists()), None)
        if file is None or f"def {test}(" not in file.read_text():
            missing.append(f"{path}::{test}")
    assert missing == []


def test_every_requirement_has_its_row_once_and_says_how_it_stands():
    rows = re.findall(r"^\| R(\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|$", REQUIREMENTS.read_text(), re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 147))
    missing = sum(where.strip() == "not yet" for _, _, where, _ in rows)
    partly = sum("partly" in where for _, _, where, _ in rows)
    assert f"{146 - partly - missing} are met, {partly} partly, {missing} not yet" in REQUIREMENTS.read_text()
    for number, says, where, tests in rows:
        assert says.strip(), f"R{number} says nothing"
        assert where.strip(), f"R{number} does not say how it stands"
        if where.strip() != "not yet":
            assert "`" in where, f"R{number} is neither met somewhere nor “not yet”"
            assert tests.strip() or "partly" in where, f"R{number} is said to be met, and by no test"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_relative_link_leads_somewhere(document):
    targets = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", prose(document))
    missing = [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (document.parent / t).exists()]
    assert [t for t in missing if not t.endswith(".png")] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_exists(document):
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)(?:PORT=\d+ )?make ([a-z]+)", text, re.MULTILINE))
    assert named <= targets
    known = {command.name or command.callback.__name__ for command in console.registered_commands}
    known |= {group.name for group in console.registered_groups}
    assert set(re.findall(r"(?:`|^)(?:\.venv/bin/)?watchroom ([a-z]+)", text, re.MULTILINE)) <= known


@pytest.mark.parametrize(
    "room", [room.name for room in ROOMS if room.name not in ("shell", "demand", "demo")]
)  # these test their own
def test_the_example_in_the_readme_of_a_room_works(northmoor, room):
    """Each is written for somebody who has a member, an answered contact, its incident, a unit and a time at hand."""
    examples = [code for language, code in FENCED.findall((FOLDERS[room] / "README.md").read_text()) if language == "python"]
    assert examples, f"{room}/README.md has no example"
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    given = {
        "at": world.after(60),
        "contact": contact,
        "incident": incident,
        "member": contact.owner,
        "unit": world.a_unit(),
        "timedelta": timedelta,
        "scope": scope,
        "transaction": transaction,
    }
    for example in examples:
        exec(compile(example, f"{room}/README.md", "exec"), given)


def test_the_pictures_are_few_and_small():
    pictures = list(PICTURES.glob("*.png"))
    assert len(pictures) <= 8
    assert [picture.name for picture in pictures if picture.stat().st_size > 250_000] == []


def test_each_decision_has_a_number_of_its_own_and_says_it():
    found = sorted((REPOSITORY / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [int(path.name[:4]) for path in found]
    assert numbers == list(range(1, len(found) + 1))
    assert all(path.read_text().startswith(f"# {number}. ") for number, path in zip(numbers, found, strict=True))
