"""What can be asked of Watchroom at a console? Each command only finds its worker; it imports nothing before that."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Police contact management: from the first ring to what was learned.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
PASSED_ON: Any = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def prepare() -> None:
    """The database found (or started), then Django set up."""
    from watchroom.foundation import database

    database.export()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")
    import django

    django.setup()


def manage(arguments: list[str]) -> int:
    """Django's `manage.py`. `migrate` works as the owner unless told otherwise."""
    prepare()
    from django.core.management import execute_from_command_line

    if arguments[:1] == ["migrate"] and not any(each.startswith("--database") for each in arguments):
        arguments = [*arguments, "--database=owner"]
    execute_from_command_line(["watchroom manage", *arguments])
    return 0


@app.command("manage", context_settings=PASSED_ON)
def _manage(context: typer.Context) -> None:
    """Any command of Django's, for example `watchroom manage makemigrations`."""
    raise typer.Exit(manage(context.args))


def main() -> None:
    from watchroom.foundation.database import DatabaseError

    try:
        app()
    except DatabaseError as error:
        print(f"watchroom: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
