"""The ``codemuse`` command."""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from codemuse import __version__
from codemuse.cli.account import Account, load_account, save_account
from codemuse.cli.backup import app as backup_app
from codemuse.cli.backup import rebuild
from codemuse.cli.commands import find_ids, list_repositories, run_command
from codemuse.cli.docs import app as docs_app
from codemuse.cli.evaluate import app as evaluate_app
from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.gateway import Gateway
from codemuse.cli.git_source import index_url
from codemuse.cli.migrate import migrate
from codemuse.cli.output import Output
from codemuse.cli.pack import pack
from codemuse.cli.waiting import wait_for_run
from codemuse.contracts.accounts import LoginRequest, TokenReply, UserRead
from codemuse.contracts.chat import MessageAccepted, MessageCreate, SessionCreate, SessionRead
from codemuse.contracts.gateway import PublicSearchRequest, SystemHealth
from codemuse.contracts.rag import SearchFilters, SearchMode, SearchReply
from codemuse.contracts.repositories import RepositoryAccepted
from codemuse.contracts.runs import RunRead

app = typer.Typer(
    help="Ask a team's own code. See 'codemuse COMMAND --help'.", no_args_is_help=True, add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Names = Annotated[
    list[str] | None, typer.Option("--repository", "-r", help="Only this repository, by name; repeatable.")
]

REBUILD, MIGRATE = "rebuild", "migrate"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"codemuse {__version__}")
        raise typer.Exit


@app.callback()
def root(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False) -> None:
    """Ask a team's own code."""


@app.command()
def login(
    url: Annotated[str, typer.Option(help="Address of the gateway.")] = "",
    email: Annotated[str, typer.Option(prompt="E-mail address")] = "",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="CODEMUSE_PASSWORD")] = "",
    json: Json = False,
) -> None:
    """Sign in and remember it; CI jobs set CODEMUSE_URL and CODEMUSE_API_KEY instead."""
    with run_command(json) as output:
        account = Account(url=(url or load_account().url).rstrip("/"))
        with Gateway(account) as gateway:
            body = LoginRequest(email=email, password=password)
            tokens = gateway.call("POST", "/api/v1/auth/login", TokenReply, body=body)
            account.access_token, account.refresh_token = tokens.access_token, tokens.refresh_token
            user = gateway.call("GET", "/api/v1/auth/me", UserRead)
        path = save_account(account)
        if not output.data(user):
            output.console.print(f"Signed in to {account.url} as {user.email}; kept in {path}.", highlight=False)


@app.command()
def index(
    source: Annotated[str, typer.Argument(help="A folder on this machine, a git URL, 'rebuild' or 'migrate'.")],
    name: Annotated[str | None, typer.Option(help="Name of the repository; the folder's own when not given.")] = None,
    ref: Annotated[str | None, typer.Option(help="Branch, tag or commit of a git URL.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is searchable.")] = False,
    until_refined: Annotated[bool, typer.Option("--until-refined", help="With --wait: wait for the very end.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 1800,
    json: Json = False,
) -> None:
    """Index a repository. Of a folder, what git tracks is packed and uploaded; the server reads no path of yours.

    A URL that a repository has already is indexed again there, at --ref: a further version. --name says which repository
    where several have it, and makes one of its own where the name is free and no repository was added with this URL and --ref.

    'codemuse index rebuild' makes the whole index anew (administrators). 'codemuse index migrate' moves the embedded index to
    the Qdrant server of QDRANT_URL, on the machine that holds it, while rag-server is stopped. A folder of such a name is
    './rebuild'.
    """
    if source == MIGRATE:
        with run_command(json) as output:
            migrate(output)
        return
    with run_command(json, url="SOURCE") as output, Gateway(load_account()) as gateway:
        if source == REBUILD:
            rebuild(gateway, output, wait=wait, timeout=timeout)
            return
        began = time.monotonic()
        folder = Path(source).expanduser()
        if folder.is_dir():
            accepted = _upload(gateway, folder.resolve(), name or folder.resolve().name, output)
        elif "://" in source:
            accepted = index_url(gateway, source, name=name, ref=ref)
        else:
            raise CommandError(f"'{source}' is neither a folder nor a URL.", Exit.USAGE)
        if not wait:
            if not output.data(accepted):
                name, run_id = accepted.repository.name, accepted.run.id
                line = f"Accepted for '{name}': run {run_id} (codemuse status {run_id})"
                output.console.print(line, highlight=False, markup=False)
            return
        run = wait_for_run(gateway, accepted.run.id, output, timeout_seconds=timeout, until_refined=until_refined)
        if not output.data(run):
            output.run(run)
            reached = "refined" if until_refined else "searchable"
            output.notes.print(f"{reached} after {time.monotonic() - began:.1f} s", highlight=False)


@app.command()
def ask(
    question: str,
    repository: Names = None,
    model: Annotated[str | None, typer.Option(help="Name of the model; the best one when not given.")] = None,
    json: Json = False,
) -> None:
    """Ask a question and print the answer with its checked citations."""
    with run_command(json, content="QUESTION") as output, Gateway(load_account()) as gateway:
        names = {item.id: item.name for item in list_repositories(gateway).items}
        ids = find_ids(names, repository)
        session = gateway.call("POST", "/api/v1/chat/sessions", SessionRead, body=SessionCreate())
        body = MessageCreate(content=question, repository_ids=ids, model=model)
        path = f"/api/v1/chat/sessions/{session.id}/messages"
        accepted = gateway.call("POST", path, MessageAccepted, body=body, params={"wait": True})
        answer = accepted.answer
        if answer is None or answer.error is not None:
            error = answer.error if answer else None
            message = error.message if error else "There is no answer."
            raise CommandError(message, Exit.FAILED, error=error.error if error else "")
        if not output.data(answer):
            output.answer(answer, names)


@app.command()
def search(
    query: str,
    repository: Names = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    mode: Annotated[SearchMode, typer.Option()] = SearchMode.HYBRID,
    language: Annotated[str | None, typer.Option()] = None,
    path: Annotated[str | None, typer.Option(help="A path prefix or a glob.")] = None,
    as_of: Annotated[str | None, typer.Option(help="A version: its label, ref, commit or generation.")] = None,
    json: Json = False,
) -> None:
    """Search code and documents. The query may hold operators: "a phrase" -word path: lang: repo: symbol: kind: /regex/."""
    with run_command(json, query="QUERY") as output, Gateway(load_account()) as gateway:
        ids = (
            find_ids({item.id: item.name for item in list_repositories(gateway).items}, repository)
            if repository
            else None
        )
        filters = SearchFilters(language=language, path=path)
        body = PublicSearchRequest(
            query=query, repository_ids=ids, limit=limit, mode=mode, filters=filters, as_of=as_of, explain=json
        )
        reply = gateway.call("POST", "/api/v1/search", SearchReply, body=body)
        if not output.data(reply):
            output.hits(reply.results)
            output.notes.print(f"{len(reply.results)} results in {reply.took_ms:.0f} ms", highlight=False)


@app.command()
def status(
    run: Annotated[str | None, typer.Argument(help="A run; without it, services and repositories.")] = None,
    json: Json = False,
) -> None:
    """Show how a run, or everything, is."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        if run is not None:
            found = gateway.call("GET", f"/api/v1/runs/{run}", RunRead)
            if not output.data(found):
                output.run(found)
            return
        health = gateway.call("GET", "/api/v1/health", SystemHealth)
        repositories = list_repositories(gateway)
        if not output.data(repositories):
            output.status(health, repositories.items)


def _upload(gateway: Gateway, folder: Path, name: str, output: Output) -> RepositoryAccepted:
    with tempfile.TemporaryFile() as archive:
        packed = pack(folder, archive)
        # Citations name the commit: what is not committed must not be filed under it.
        commit = None if packed.changed else packed.commit
        if packed.changed:
            output.notes.print(
                "The work tree has changes that are not committed; they are indexed too, as a version of their own.",
                highlight=False,
            )
        output.notes.print(f"{packed.file_count} files, {packed.byte_count / 1e6:.1f} MB", highlight=False)
        archive.seek(0)
        return gateway.call(
            "POST",
            "/api/v1/repositories",
            RepositoryAccepted,
            files={"archive": (f"{name}.tar.gz", archive, "application/gzip")},
            data={"name": name, **({"commit": commit} if commit else {})},
        )


app.add_typer(backup_app, name="backup")
app.add_typer(docs_app, name="docs")
app.add_typer(evaluate_app, name="eval")
