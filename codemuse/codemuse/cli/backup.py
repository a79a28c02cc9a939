"""``codemuse backup`` and ``codemuse index rebuild``: what administrators do with the index as a whole."""

from typing import Annotated

import typer
from rich.filesize import decimal
from rich.table import Table

from codemuse.cli.account import load_account
from codemuse.cli.commands import run_command
from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.gateway import Gateway
from codemuse.cli.output import Output
from codemuse.cli.waiting import wait_for_run
from codemuse.contracts.common import Reply
from codemuse.contracts.runs import RunRead
from codemuse.contracts.upkeep import BackupPage, UpkeepAccepted

app = typer.Typer(help="Back up the index, and restore it. For administrators: codemuse login.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")]
Timeout = Annotated[float, typer.Option(help="Seconds to wait at most.")]
LATEST = "latest"


@app.command()
def create(wait: Wait = True, timeout: Timeout = 1800, json: Json = False) -> None:
    """Copy the index as it is now, while it serves."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        begin(gateway, "/api/v1/backups", output, wait=wait, timeout=timeout)


@app.command("list")
def list_backups(json: Json = False) -> None:
    """Show the backups, the newest first, and when the next one is made by itself."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        page = gateway.call("GET", "/api/v1/backups", BackupPage)
        if output.data(page):
            return
        table = Table("when", "by", "repositories", "chunks", "size", "id", "models", box=None, pad_edge=False)
        for item in page.items:
            counts = (str(item.repository_count), f"{item.chunk_count:,}", decimal(item.byte_count))
            models = ", ".join(model.id for model in item.models) if item.is_complete else "damaged"
            table.add_row(f"{item.created_at:%Y-%m-%d %H:%M}", item.origin.value, *counts, item.id, models)
        output.table(table)
        output.notes.print(_describe_schedule(page), highlight=False)


@app.command()
def restore(
    backup: Annotated[str, typer.Argument(help="Id of a backup, or 'latest'.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    wait: Wait = True,
    timeout: Timeout = 86_400,
    json: Json = False,
) -> None:
    """Put the index back to a backup, then index again what was published since. It is searched as it was until then."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        chosen = _resolve(gateway, backup)
        if not yes and not typer.confirm(f"Replace the index by backup {chosen}?"):
            raise CommandError("Nothing was changed.", Exit.USAGE)
        begin(gateway, f"/api/v1/backups/{chosen}/restore", output, wait=wait, timeout=timeout)


@app.command()
def delete(
    backup: Annotated[str, typer.Argument(help="Id of a backup.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove a backup."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        if not yes and not typer.confirm(f"Delete backup {backup}?"):
            raise CommandError("Nothing was changed.", Exit.USAGE)
        done = gateway.call("DELETE", f"/api/v1/backups/{backup}", Reply)
        if not output.data(done):
            output.console.print("Deleted.")


def rebuild(gateway: Gateway, output: Output, *, wait: bool, timeout: float) -> None:
    """Make the index anew from Postgres and the mirrors."""
    begin(gateway, "/api/v1/index/rebuild", output, wait=wait, timeout=timeout)


def begin(gateway: Gateway, path: str, output: Output, *, wait: bool, timeout: float) -> None:
    """Ask for it, and follow the run that does it."""
    accepted = gateway.call("POST", path, UpkeepAccepted)
    if not wait:
        if not output.data(accepted):
            run_id = accepted.run.id
            output.console.print(f"Accepted: run {run_id} (codemuse status {run_id})", highlight=False)
        return
    run = wait_for_run(gateway, accepted.run.id, output, timeout_seconds=timeout, until_refined=True)
    if not output.data(run):
        output.run(run)
        for line in _report(run):
            output.console.print(line, highlight=False, markup=False)


def _resolve(gateway: Gateway, backup: str) -> str:
    if backup != LATEST:
        return backup
    page = gateway.call("GET", "/api/v1/backups", BackupPage)
    newest = next((item.id for item in page.items if item.is_complete), None)
    if newest is None:
        raise CommandError("There is no backup yet.", Exit.REFUSED, error="backup_not_found")
    return newest


def _report(run: RunRead) -> list[str]:
    details = [f"{name}: {value}" for step in run.steps for name, value in step.detail.items() if step.name != "settle"]
    return ["  ".join(details)] if details else []


def _describe_schedule(page: BackupPage) -> str:
    schedule = page.schedule
    if not schedule.every_hours:
        return "No backup is made by itself; set BACKUP_EVERY_HOURS."
    following = f"{schedule.next_at:%Y-%m-%d %H:%M} UTC" if schedule.next_at else "soon"
    return f"Every {schedule.every_hours:g} hours, {schedule.kept} are kept; the next one {following}."
