"""What all commands share: how they end when something is wrong, and how repositories are found by name."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError

from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.gateway import Gateway
from codemuse.cli.invalid import describe_argument
from codemuse.cli.output import Output
from codemuse.contracts.repositories import RepositoryPage

_PAGE = 200


@contextmanager
def run_command(json: bool, **arguments: str) -> Iterator[Output]:
    """Print what goes wrong and end with its exit code.

    Args:
        json: Whether programs read it.
        arguments: What the command calls a field of its request, where that is not the option of the field's name.
    """
    output = Output(json=json)
    try:
        yield output
    except CommandError as error:
        output.error(error.error, error.message)
        raise typer.Exit(error.exit_code) from None
    except ValidationError as error:
        output.error("usage", describe_argument(error, arguments))
        raise typer.Exit(Exit.USAGE) from None
    except ValueError as error:
        output.error("usage", str(error))
        raise typer.Exit(Exit.USAGE) from None


def list_repositories(gateway: Gateway) -> RepositoryPage:
    """All repositories of the organisation, as one page."""
    whole = RepositoryPage(items=[])
    cursor: dict[str, str] = {}
    while True:
        page = gateway.call("GET", "/api/v1/repositories", RepositoryPage, params={"limit": _PAGE, **cursor})
        whole.items += page.items
        if page.next_cursor is None:
            return whole
        cursor = {"cursor": page.next_cursor}


def find_ids(names: dict[str, str], wanted: list[str] | None) -> list[str] | None:
    """Ids of repositories by name; nothing wanted is nothing.

    Raises:
        CommandError: There is no repository of that name.
    """
    if not wanted:
        return None
    by_name = {name: repository_id for repository_id, name in names.items()}
    missing = [name for name in wanted if name not in by_name]
    if missing:
        raise CommandError(f"There is no repository named '{missing[0]}'.", Exit.REFUSED, error="repository_not_found")
    return [by_name[name] for name in wanted]
