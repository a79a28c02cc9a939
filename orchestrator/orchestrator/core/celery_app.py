"""Celery as the platform uses it: one task that says "look at this run", two queues, JSON only.

Postgres owns the work, so a message may be lost (the reaper calls again) or delivered twice (the second finds the lease
taken). That is why messages are acknowledged early and no result is stored.
"""

import asyncio
from functools import partial

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError

ADVANCE_RUN = "codemuse.advance_run"
INTERACTIVE = "interactive"
BULK = "bulk"
_VISIBILITY_SECONDS = 3600
_TASK_SECONDS = 1800


def create_celery(redis_url: str) -> Celery:
    """A Celery application over Redis."""
    app = Celery("codemuse", broker=redis_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_queues=[_queue(INTERACTIVE), _queue(BULK)],
        task_default_queue=INTERACTIVE,
        task_time_limit=_TASK_SECONDS,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_soft_shutdown_timeout=5,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": _VISIBILITY_SECONDS,
            "queue_order_strategy": "priority",
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    )
    return app


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(name, type="direct"), routing_key=name)  # type: ignore[no-untyped-call]


class CeleryTaskQueue:
    """Sends wake-up calls to the workers."""

    def __init__(self, app: Celery, bulk_kinds: frozenset[str]) -> None:
        self._app = app
        self._bulk_kinds = bulk_kinds

    async def send(self, run_id: str, kind: str) -> None:
        """Ask a worker to advance a run.

        Raises:
            OSError: Redis cannot be reached.
        """
        queue = BULK if kind in self._bulk_kinds else INTERACTIVE
        send = partial(self._app.send_task, ADVANCE_RUN, args=(run_id,), queue=queue, retry=False, ignore_result=True)
        try:
            await asyncio.to_thread(send)
        except OperationalError as error:
            raise ConnectionError(str(error)) from error
