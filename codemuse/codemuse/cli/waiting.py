"""Following a run until it has ended, with progress for people."""

import time

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.gateway import Gateway
from codemuse.cli.output import Output
from codemuse.contracts.runs import EventType, RunEvent, RunRead, RunStatus, StepStatus

_SEARCHABLE_STEP = "publish"
_RECONNECT_SECONDS = 1.0
"""After the gateway ended the stream before the run."""


def wait_for_run(
    gateway: Gateway, run_id: str, output: Output, *, timeout_seconds: float, until_refined: bool
) -> RunRead:
    """Follow a run until it is searchable, or until it has ended.

    Args:
        gateway: Where.
        run_id: Which.
        output: For the progress bar.
        timeout_seconds: How long to wait.
        until_refined: Wait for the end, not only for the index to be searchable.

    Raises:
        CommandError: It failed, was cancelled or takes too long.
    """
    deadline = time.monotonic() + timeout_seconds
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=output.notes, transient=True) as progress:
        watch = _Watch(progress)
        while True:
            for event in gateway.follow(run_id, watch.seen):
                if event is not None:
                    watch.show(event)
                if watch.published and not until_refined:
                    break
                if time.monotonic() > deadline:
                    raise CommandError("It is not done yet; it goes on without us.", Exit.TIMED_OUT)
            run = gateway.call("GET", f"/api/v1/runs/{run_id}", RunRead)
            if run.finished_at or (watch.published and not until_refined):
                break
            time.sleep(_RECONNECT_SECONDS)
    if run.status in {RunStatus.FAILED, RunStatus.CANCELLED}:
        reason = run.error.message if run.error else "The run was cancelled."
        raise CommandError(reason, Exit.FAILED, error=run.error.error if run.error else "cancelled")
    return run


class _Watch:
    """What was seen of a run, as a bar."""

    def __init__(self, progress: Progress) -> None:
        self.seen = 0
        """Number of the last event."""
        self.published = False
        self._progress = progress
        self._bar = progress.add_task("queued", total=None)

    def show(self, event: RunEvent) -> None:
        self.seen = max(self.seen, event.seq)
        fields = event.model_dump()
        if event.type is EventType.PROGRESS:
            self._progress.update(self._bar, completed=fields["done"], total=fields["total"])
        if event.type is EventType.STEP:
            self._progress.update(self._bar, description=fields["name"])
            self.published |= fields["name"] == _SEARCHABLE_STEP and fields["status"] == StepStatus.SUCCEEDED
