"""The worker: ``python -m orchestrator.worker``.

Celery's threads only receive the calls; the work itself runs on one event loop beside them, which belongs to a small
FastAPI application, so that a worker has health and metrics like every other service.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import uvicorn
from celery import Celery
from celery.signals import worker_shutting_down

from codemuse.app import create_service_app
from codemuse.background import keep_running
from codemuse.clients.upkeep import UpkeepClient
from codemuse.logging import configure_logging
from codemuse.settings import load_settings
from orchestrator.core.celery_app import ADVANCE_RUN, BULK, INTERACTIVE, create_celery
from orchestrator.core.resources import Platform, Seams, open_platform
from orchestrator.core.runs.engine import LeasePolicy, RunEngine
from orchestrator.core.runs.outbox import Reaper
from orchestrator.core.runs.workflow import REBUILD, RESTORE
from orchestrator.core.settings import Settings
from orchestrator.features.answering.workflow import AskWorkflow
from orchestrator.features.deletion.workflow import DeleteWorkflow
from orchestrator.features.evaluations.workflow import EvaluateWorkflow
from orchestrator.features.indexing.workflow import IndexWorkflow
from orchestrator.features.upkeep.backup import BackupWorkflow
from orchestrator.features.upkeep.rebuild import AnewWorkflow
from orchestrator.features.upkeep.rewrite import ReindexWorkflow
from orchestrator.features.upkeep.schedule import UpkeepSchedule

_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WorkerResources:
    """What the worker's loop holds."""

    platform: Platform
    engine: RunEngine


@asynccontextmanager
async def open_worker(settings: Settings, seams: Seams = Seams()) -> AsyncIterator[WorkerResources]:
    """Open the engine and what runs beside it."""
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(open_platform(settings, seams))
        sessions, services = platform.sessions, platform.services
        workflows = (
            IndexWorkflow(sessions, services.docgen, services.rag),
            AskWorkflow(sessions, services),
            DeleteWorkflow(services.docgen, services.rag),
            EvaluateWorkflow(services.docgen, services.rag),
            BackupWorkflow(sessions, UpkeepClient(services.rag.service), settings.backups_kept),
            AnewWorkflow(REBUILD, sessions, services.rag, platform.relay),
            AnewWorkflow(RESTORE, sessions, services.rag, platform.relay),
            ReindexWorkflow(sessions, services.docgen, services.rag.service),
        )
        engine = RunEngine(
            sessions,
            platform.announcer,
            platform.relay,
            {workflow.kind.name: workflow for workflow in workflows},
            LeasePolicy(timedelta(seconds=settings.lease_seconds), settings.heartbeat_seconds),
            settings.worker_threads,
        )
        reaper = Reaper(
            sessions,
            platform.relay,
            every=timedelta(seconds=settings.reaper_seconds),
            queued_patience=timedelta(seconds=settings.queued_patience_seconds),
        )
        keep_running(stack, reaper.run)
        schedule = UpkeepSchedule(
            sessions,
            UpkeepClient(services.rag.service),
            platform.relay,
            backup_every=timedelta(hours=settings.backup_every_hours),
            look_every=timedelta(seconds=settings.upkeep_seconds),
        )
        keep_running(stack, schedule.run)
        yield WorkerResources(platform, engine)


class WorkerLoop:
    """The event loop in its thread, from start to shutdown."""

    def __init__(self, settings: Settings) -> None:
        app = create_service_app(
            name="worker",
            settings=settings,
            open_resources=lambda: open_worker(settings),
            routers=(),
            checks=lambda resources: resources.platform.checks(),
        )
        self._app = app
        config = uvicorn.Config(
            app, host=settings.worker_host, port=settings.worker_port, log_config=None, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="worker-loop", daemon=True)

    def start(self) -> None:
        """Start and wait until everything is open.

        Raises:
            SystemExit: It could not be opened; the log says why.
        """
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(_START_SECONDS * 20)):
            if self._server.started or not self._thread.is_alive():
                break
            waited.wait(0.05)
        if not self._server.started:
            raise SystemExit("The worker could not be started.")

    def advance(self, run_id: str) -> None:
        """Carry a run forward and wait for it."""
        engine: RunEngine = self._app.state.resources.engine
        asyncio.run_coroutine_threadsafe(engine.advance(run_id), self._loop).result()

    def interrupt(self) -> None:
        """Hand running work over to other workers."""
        engine: RunEngine = self._app.state.resources.engine
        self._loop.call_soon_threadsafe(engine.stop)

    def stop(self) -> None:
        """Close everything."""
        self._server.should_exit = True
        self._thread.join(timeout=15)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve())


def create_worker(settings: Settings, loop: WorkerLoop) -> Celery:
    """The Celery side: one task, handed to the loop."""
    celery = create_celery(settings.redis_url.get_secret_value())

    @celery.task(name=ADVANCE_RUN, ignore_result=True)  # type: ignore[untyped-decorator]
    def advance_run(run_id: str) -> None:
        loop.advance(run_id)

    return celery


def main() -> None:
    """Run a worker until it is told to stop."""
    settings = load_settings(Settings)
    configure_logging("worker", settings.log_level)
    loop = WorkerLoop(settings)
    loop.start()
    worker_shutting_down.connect(lambda **_: loop.interrupt(), weak=False)
    celery = create_worker(settings, loop)
    arguments = ["worker", "--pool=threads", f"--concurrency={settings.worker_threads}", "--without-gossip"]
    try:
        celery.worker_main([*arguments, "--without-mingle", f"--queues={INTERACTIVE},{BULK}", "--loglevel=WARNING"])
    finally:
        loop.stop()


if __name__ == "__main__":
    main()
