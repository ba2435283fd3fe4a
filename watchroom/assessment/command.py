"""`watchroom questions`: check, show, compare and import question sets."""

import csv
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from django.db import transaction

from watchroom.assessment import queries, questions
from watchroom.force import packs
from watchroom.force import queries as forces
from watchroom.force.policy import Policy
from watchroom.foundation import clock, scope

app = typer.Typer(no_args_is_help=True, help="Question sets: what to ask for a type of incident, and what the answers mean.")

Force = Annotated[str, typer.Option(help="The force whose policy and own sets count; without it, what ships.")]


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="A file or a folder; without it, the library that ships.")] = None,
    force: Force = "",
) -> None:
    """Is it fit to be used? Names file, line and field of what is not, and runs the tests that the files carry."""
    where = path or questions.DATA
    policy = _policy(force)
    found = questions.problems_of_folder(where, policy) if where.is_dir() else questions.problems(where, policy)
    for problem in found:
        print(f"watchroom: {problem}", file=sys.stderr)
    if found:
        raise typer.Exit(1)
    sets = [questions.load(one) for one in (sorted(where.glob("*.toml")) if where.is_dir() else [where])]
    asked, tests = sum(len(one.questions) for one in sets), sum(len(one.tests) for one in sets)
    print(f"{len(sets)} sets, {asked} questions: usable, {tests} tests of their own passed.")


@app.command()
def show(code: Annotated[str, typer.Argument(help="The set's code, or nothing to list them.")] = "", force: Force = "") -> None:
    """A set in words: what is asked, when, and what each answer does."""
    library = {one.code: one for one in questions.shipped()}
    if force:
        with scope.use(force):
            library = queries.library()
    if not code:
        for one in library.values():
            print(f"{one.code}: {one.title}, version {one.version}, {len(one.questions)} questions, review by {one.review_by}")
        return
    if code not in library:
        print(f"watchroom: there is no question set {code}.", file=sys.stderr)
        raise typer.Exit(1)
    asking = library[code]
    print(f"{asking.title}, version {asking.version}. {asking.source}. Review by {asking.review_by}.")
    print(f"Opens for {', '.join(asking.opens_for)}.")
    for number, question in enumerate(asking.questions, start=1):
        when = " and ".join(f"{one} is {' or '.join(wanted)}" for one, wanted in question.only_if.items())
        print(f"\n{number}. {question.ask} ({question.code}, {question.stage}{f', only if {when}' if when else ''})")
        for outcome in question.outcomes:
            effect = question.answers.get(outcome)
            does = [f"sets {cue}" for cue in effect.cues] if effect else []
            does += [f"offers {element} {level} “{words}”" for element, (level, words) in effect.offers.items()] if effect else []
            does += [f"tell: {effect.tell}"] if effect and effect.tell else []
            if does:
                print(f"   {effect.label or outcome if effect else outcome}: {'; '.join(does)}")


@app.command()
def diff(a: Path, b: Path) -> None:
    """How do two sets, or the folders of two forces, differ?"""
    says = questions.difference_of_folders(a, b) if a.is_dir() and b.is_dir() else questions.difference(_load(a), _load(b))
    print("\n".join(says) if says else "They do not differ.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A set as TOML, or a table of questions as CSV.")],
    force: Annotated[str, typer.Option(help="The force that holds the licence.")],
    mapping: Annotated[Path | None, typer.Option(help="For CSV: a TOML file that says which column is what.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="In place of an earlier version of this set.")] = False,
) -> None:
    """Bring a licensed or own set into the force's data folder. Its text is never part of the program."""
    policy = _policy(force)
    try:
        asking = questions.load(file) if mapping is None else from_table(file, mapping)
    except (ValueError, OSError, csv.Error) as error:
        print(f"watchroom: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    text = questions.as_toml(asking)
    found = questions.problems(text, policy, name=file.name)
    for problem in found:
        print(f"watchroom: {problem}", file=sys.stderr)
    if found:
        raise typer.Exit(1)
    with scope.use(force):
        folder = queries.own_questions()
    target = folder / f"{asking.code}.toml"
    if target.exists() and not replace:
        print(f"watchroom: {force} has a set {asking.code} already. Say --replace to put this in its place.", file=sys.stderr)
        raise typer.Exit(1)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = target.with_suffix(".new")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(target)  # a reader sees the old one or the new one
    print(f"{asking.title}, version {asking.version}, {len(asking.questions)} questions: kept for {force} only.")


def from_table(file: Path, mapping: Path) -> questions.QuestionSet:
    """A set from a CSV of questions and a mapping in TOML. Raises ValueError with a sentence.

    `[set]` holds the head of the set; `[columns]` names the columns of `ask`, and perhaps of `code`, `kind`, `stage`,
    `because`; `[defaults]` gives what no column does; `[answers.CODE]` says what the answers to a question mean.
    """
    try:
        plan: dict[str, Any] = tomllib.loads(mapping.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{mapping.name}: not valid TOML: {error}") from None
    columns, defaults, head = plan.get("columns", {}), plan.get("defaults", {}), plan.get("set", {})
    if "ask" not in columns:
        raise ValueError(f"{mapping.name}: [columns] has to name the column of ask.")
    with file.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    asked: dict[str, Any] = {}
    for number, row in enumerate(rows, start=1):
        said = {name: (row.get(column) or "").strip() for name, column in columns.items()}
        absent = [column for column in columns.values() if column not in row]
        if absent:
            raise ValueError(f"{file.name}: there is no column {', '.join(absent)}.")
        question = {**defaults, **{name: value for name, value in said.items() if value}}
        code = question.pop("code", f"q{number}")
        if code in asked:
            raise ValueError(f"{file.name}, line {number + 1}: {code} stands there twice.")
        if code in plan.get("answers", {}):
            question["answers"] = plan["answers"][code]
        asked[code] = question
    unknown = [code for code in plan.get("answers", {}) if code not in asked]
    if unknown:
        raise ValueError(f"{mapping.name}: [answers] names {', '.join(unknown)}, which {file.name} does not ask.")
    table = {"version": 1, "review_by": date(2027, 1, 1), "opens_for": [], **head, "questions": asked}
    return questions.formed(table, file.name)


def _policy(force: str) -> Policy:
    if not force:
        return packs.national()
    with scope.use(force), transaction.atomic():
        return forces.policy_at(clock.now()).policy


def _load(path: Path) -> questions.QuestionSet:
    try:
        return questions.load(path)
    except packs.PackError as error:
        print(f"watchroom: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def run(arguments: list[str]) -> int:
    return app(arguments, standalone_mode=False) or 0
