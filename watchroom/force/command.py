"""`watchroom policy`: look at packs, compare them, adopt one."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from django.db import transaction

from watchroom.force import actions, packs, queries
from watchroom.foundation import clock, scope

app = typer.Typer(no_args_is_help=True, help="Policy packs: what a force decided in advance and in writing.")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A pack as TOML.")]) -> None:
    """Is this pack usable? Names the line that is not; runs the tests that the pack carries."""
    policy = _load(file)
    print(f"{policy.meta.title}, version {policy.meta.version}: usable, {len(packs.check(policy))} tests of its own passed.")


@app.command()
def diff(a: Path, b: Path) -> None:
    """How do two packs differ?"""
    for change in packs.difference(_load(a), _load(b)):
        print(change)


@app.command()
def adopt(force: Annotated[str, typer.Option()], file: Path) -> None:
    """Make a pack the force's policy from now on. The one in force stays when this one is not usable."""
    policy = _load(file)
    with scope.use(force), transaction.atomic():
        version = actions.adopt(policy=policy, by="system:command", at=clock.now())
        print(f"{force} works by version {version.number} ({version.digest[:12]}).")


@app.command()
def show(force: Annotated[str, typer.Option()]) -> None:
    """Which policy is in force?"""
    with scope.use(force), transaction.atomic():
        adopted = queries.policy_at(clock.now())
    print(f"Version {adopted.number}: {adopted.policy.meta.title}, review by {adopted.policy.meta.review_by:%d %b %Y}.")


def found(*, code: str, name: str, timezone: str) -> None:
    """`watchroom force found`: the force, and the national pack as its first policy."""
    actions.found(code=code, name=name, timezone=timezone)
    with scope.use(code), transaction.atomic():
        version = actions.adopt(policy=packs.national(), by="system:command", at=clock.now())
    print(f"{name} ({code}) works by version {version.number} of its policy. Next: watchroom staff join NAME@{code} …")


def _load(file: Path):
    try:
        return packs.load(file)
    except (packs.PackError, OSError) as error:
        print(f"watchroom: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def run(arguments: list[str]) -> int:
    return app(arguments, standalone_mode=False) or 0
