"""What can be asked of Watchroom at a console? Each command only finds who does it; nothing is imported before that."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its pretty form shows variables, and those may be about people
    help="Police contact management, from the first ring to what was learned.",
)
db = typer.Typer(no_args_is_help=True, help="The database behind it all.")
facts = typer.Typer(no_args_is_help=True, help="The record that everything trusts.")
force = typer.Typer(no_args_is_help=True, help="The forces of this installation.")
staff = typer.Typer(no_args_is_help=True, help="Who works here.")
people = typer.Typer(no_args_is_help=True, help="Who is known, and how they are found.")
app.add_typer(people, name="identity")
app.add_typer(force, name="force")
app.add_typer(staff, name="staff")
app.add_typer(db, name="db")
app.add_typer(facts, name="facts")
rest = typer.Typer(no_args_is_help=True, help="The machines that may speak with us over REST.")
app.add_typer(rest, name="api")

exchange = typer.Typer(no_args_is_help=True, help="The telephone exchange.")
app.add_typer(exchange, name="exchange")

Port = Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="Where to listen.")]
Host = Annotated[str, typer.Option(help="Which address to listen on; 0.0.0.0 is all of this machine's.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
PASSED_ON: Any = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
LINKS_OF_THE_DEMO = {"callers": "watchroom.demo.simulator", "housing": "watchroom.demo.housing"}


def prepare() -> None:
    """The database found (or started), then Django set up."""
    from watchroom.foundation import database

    database.export()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")
    import django

    django.setup()


@app.command()
def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Serve: the web, the worker, and the links in use."""
    from watchroom import serve as room

    room.check_port(host, port)
    prepare()
    room.make_ready()
    room.serve(
        host=host, port=port, links=room.links_in_use(), welcome=lambda url: print(f"Watchroom is ready at {url}", flush=True)
    )


@app.command()
def demo(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """A working control room of an invented force, with callers who call."""
    from watchroom import serve as room

    room.check_port(host, port)
    os.environ["WATCHROOM_DEMO"] = "1"
    print("Starting the database", flush=True)
    prepare()
    room.make_ready()
    from watchroom.demo import actions as world
    from watchroom.demo import housing
    from watchroom.foundation import supervise

    housing.connect(supervise.free_port())
    print("Populating Northmoor, an invented force", flush=True)
    world.seed()
    world.tell_series()

    def welcome(url: str) -> None:
        print(f"\nWatchroom is ready at {url}\n", flush=True)
        from watchroom.demo import accounts

        print(accounts.table(), flush=True)
        print("\nCtrl+C ends it; the next `make demo` goes on from here.", flush=True)

    room.serve(host=host, port=port, links=LINKS_OF_THE_DEMO, welcome=welcome)


@app.command()
def worker() -> None:
    """Only the worker: jobs, overdue duties, anchors (a second machine needs no web)."""
    prepare()
    from watchroom import worker as room

    room.main()


@app.command()
def migrate() -> None:
    """Bring the database's tables to this version, as its owner."""
    prepare()
    from watchroom import serve as room

    room.migrate()
    print("The database is of this version.")


@app.command()
def check() -> None:
    """Is this installation safe to serve? Exit status 0 when it is."""
    prepare()
    from watchroom import serve as room

    problems = room.check()
    for problem in problems:
        print(f"- {problem}")
    if problems:
        raise typer.Exit(1)
    print("Everything that is checked at the start is well.")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Real calls as CSV, plain or .gz.")],
    force: Annotated[str, typer.Option(help="The force that receives them; made when there is none of this name.")] = "replay",
    speed: Annotated[str, typer.Option(help="How much faster than life, for example 60; or max.")] = "max",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many rows.")] = None,
    json: AsJson = False,
) -> None:
    """Drive real calls of the past through the same actions as a person would, with their own times."""
    prepare()
    from watchroom import serve as room

    with contextlib.redirect_stdout(sys.stderr):  # what is printed may be read by a machine
        room.make_ready()
    from watchroom.replay.runner import run

    raise typer.Exit(run(file=file, force=force, speed=speed, limit=limit, json=json))


@app.command(context_settings=PASSED_ON)
def bench(context: typer.Context) -> None:
    """Measure: `watchroom bench NAME`; without a name all of them, briefly. JSON out."""
    prepare()
    room = import_module("watchroom.bench")  # by name: links and the demo use `prepare`, and no room imports the benches

    raise typer.Exit(room.run(context.args))


@app.command(context_settings=PASSED_ON)
def policy(context: typer.Context) -> None:
    """Policy packs: `watchroom policy --help`."""
    prepare()
    from watchroom.demand.command import try_pack
    from watchroom.force import command

    command.app.command("try")(try_pack)  # it reads what later rooms did, and force may not know them
    raise typer.Exit(command.run(context.args))


@app.command(context_settings=PASSED_ON)
def questions(context: typer.Context) -> None:
    """Question sets: `watchroom questions --help`."""
    prepare()
    from watchroom.assessment import command

    raise typer.Exit(command.run(context.args))


@app.command("manage", context_settings=PASSED_ON)
def manage(context: typer.Context) -> None:
    """Any command of Django's, for example `watchroom manage makemigrations`. `migrate` works as the owner."""
    prepare()
    from django.core.management import execute_from_command_line

    arguments = context.args
    if arguments[:1] == ["migrate"] and not any(each.startswith("--database") for each in arguments):
        arguments = [*arguments, "--database=owner"]
    execute_from_command_line(["watchroom manage", *arguments])


@force.command("found")
def force_found(
    code: Annotated[str, typer.Argument(help="Its short name, as in log-in names: northmoor.")],
    name: Annotated[str, typer.Option(help="Its full name.")],
    timezone: Annotated[str, typer.Option(help="Its clocks.")] = "Europe/London",
) -> None:
    """Open the books of a force, with the national policy pack, as the database's owner. A repeat changes nothing."""
    prepare()
    from watchroom.force import command

    command.found(code=code, name=name, timezone=timezone)


@staff.command("join")
def staff_join(
    login: Annotated[str, typer.Argument(help="The log-in name with its force: bryn@northmoor.")],
    name: Annotated[str, typer.Option(help="The full name.")],
    role: Annotated[list[str], typer.Option(help="A role; may be given several times.")],
    desk: Annotated[str, typer.Option(help="Where they sit.")] = "",
) -> None:
    """A member of staff joins; the password is asked for, and never part of the command."""
    password = typer.prompt("Password, at least 12 characters", hide_input=True, confirmation_prompt=True)
    prepare()
    from watchroom.staff import command

    raise typer.Exit(command.join(login=login, name=name, roles=role, desk=desk, password=password))


@db.command("url")
def db_url(owner: Annotated[bool, typer.Option("--owner", help="As the owner, not as the application.")] = False) -> None:
    """Print the database's URL; it holds a password. The embedded database runs only while something of Watchroom runs."""
    from watchroom.foundation import database

    print(database.resolve().for_role(as_owner=owner))


@db.command("shell")
def db_shell(owner: Annotated[bool, typer.Option("--owner", help="As the owner, who sees all forces.")] = False) -> None:
    """psql on the database."""
    from watchroom.foundation import database

    raise typer.Exit(database.shell(as_owner=owner))


@people.command()
def train(
    model: Annotated[Path, typer.Argument(help="Where to write the model (Splink's JSON).")],
    household: Annotated[Path, typer.Argument(help="Where to write how often likenesses are seen within a household.")],
    size: Annotated[int, typer.Option("--people", min=4000, help="How many made-up people.")] = 40_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 7,
) -> None:
    """Fit the weights by which people are found anew, with Splink, on people who never were."""
    try:
        import_module("splink")
    except ImportError:
        print(
            "Training needs Splink, which serving does not: pip install 'splink>=5' pandas, in an environment of its own.",
            file=sys.stderr,
        )
        raise typer.Exit(2) from None
    import_module("watchroom.identity.training.fit").write(model, household, people=size, seed=seed)


@people.command("import")
def identity_import(
    file: Annotated[Path, typer.Argument(help="CSV (plain or .gz, with a head) or Parquet.")],
    source: Annotated[str, typer.Option(help="Which system they come from, as handlers read it: records management, housing …")],
    force: Annotated[str, typer.Option(help="Whose record they come into.")],
    mapping: Annotated[
        Path | None, typer.Option(help='TOML: field = "column". Fields: id, given_name, family_name, born, …')
    ] = None,
    json: AsJson = False,
) -> None:
    """People of another system come in, each with where they come from. Cut off, it goes on; a second time it adds nothing."""
    prepare()
    from watchroom.identity import command

    raise typer.Exit(command.bring_in(file=file, source=source, mapping=mapping, force=force, json=json))


@people.command()
def twins(
    force: Annotated[str, typer.Option(help="In whose record.")],
) -> None:
    """Look through what came on record since the last time for people who stand there twice; a person judges each pair."""
    prepare()
    from watchroom.identity import command

    raise typer.Exit(command.look_for_twins(force=force))


@people.command()
def batch(
    force: Annotated[str, typer.Option(help="In whose record.")],
    least: Annotated[
        float | None, typer.Option("--min", min=0.01, max=1.0, help="How probable a pair has to be; as “likely” without it.")
    ] = None,
) -> None:
    """Let Splink look through the whole record for people who stand there twice; a person judges each pair. Needs `make splink`."""
    prepare()
    from watchroom.identity import command

    raise typer.Exit(command.look_by_splink(force=force, least=least))


@people.command()
def count() -> None:
    """Count anew which names are common in each force: a Smith says less than a Whitcombe."""
    prepare()
    from django.db import transaction

    from watchroom.foundation import clock, scope
    from watchroom.identity import finding

    for code in scope.forces():
        with scope.use(code), transaction.atomic():
            print(f"{code}: {finding.count(at=clock.now()):,} descriptions counted")


@facts.command("verify")
def facts_verify(json: AsJson = False) -> None:
    """Is every force's chain of facts whole? Exit status 0 when it is."""
    prepare()
    from watchroom.foundation import verify

    raise typer.Exit(verify.run(json=json))


@facts.command("anchor")
def facts_anchor() -> None:
    """Write down outside the database where each chain stands (the worker does so every minute)."""
    prepare()
    from watchroom.foundation import anchors

    print(f"{anchors.write_all()} chains anchored in {anchors.folder()}")


@exchange.command("sayings")
def exchange_sayings(
    force: Annotated[str, typer.Option(help="The force whose attendant it is.")],
    folder: Annotated[Path, typer.Argument(help="Where the exchange finds its sounds: …/sounds/en/watchroom")],
) -> None:
    """What the attendant says, read out by espeak-ng into recordings; one that is there already is left."""
    prepare()
    from watchroom.links.asterisk import sayings

    raise typer.Exit(sayings.command(force_code=force, folder=folder))


@rest.command("token")
def api_token(
    force: Annotated[str, typer.Option(help="The force it speaks with.")],
    name: Annotated[str, typer.Option(help="What the machine is called; what it does is done by `link:<name>`.")],
    may: Annotated[list[str] | None, typer.Option(help="contacts.receive, contacts.see, incidents.see; without it, all.")] = None,
    days: Annotated[int, typer.Option(min=1, help="For how long.")] = 365,
) -> None:
    """Print a new token. It is shown this once: the database keeps only its digest."""
    prepare()
    from watchroom.api import command

    raise typer.Exit(command.token(force=force, name=name, may=may, days=days))


@rest.command("revoke")
def api_revoke(
    force: Annotated[str, typer.Option(help="The force it speaks with.")],
    name: Annotated[str, typer.Option(help="The machine, all of whose tokens end now.")],
) -> None:
    """End all tokens of a machine, now."""
    prepare()
    from watchroom.api import command

    raise typer.Exit(command.revoke(force=force, name=name))


def main() -> None:
    """What we can explain is one line on the console; only what we cannot is a traceback."""
    from watchroom.foundation.database import DatabaseError
    from watchroom.serve import CannotServe

    try:
        app()
    except (DatabaseError, CannotServe) as error:
        print(f"watchroom: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
