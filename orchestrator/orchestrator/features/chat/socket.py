"""One WebSocket: frames in, events out. It only reads; closing it stops nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import Field, TypeAdapter, ValidationError

from codemuse.contracts.chat import AcceptedFrame, AskFrame, FrameError, MessageCreate, ResumeFrame, StopFrame
from codemuse.contracts.common import Reply
from codemuse.errors import CodeMuseError, TooManyRequests, Unauthenticated
from codemuse.request_context import begin_request
from orchestrator.core.principal import Principal
from orchestrator.features.chat.service import ChatService, Question

Frame = Annotated[AskFrame | ResumeFrame | StopFrame, Field(discriminator="type")]
FRAMES: TypeAdapter[AskFrame | ResumeFrame | StopFrame] = TypeAdapter(Frame)

MAXIMUM_FOLLOWED = 20
MAXIMUM_FRAME_CHARACTERS = 64_000
RECHECK_SECONDS = 3.0
CLOSE_UNAUTHENTICATED = 4401
CLOSE_TOO_LARGE = 1009


class ChatSocket:
    """Serves one open socket."""

    def __init__(
        self, socket: WebSocket, principal: Principal, service: ChatService, recheck: Callable[[], Awaitable[Principal]]
    ) -> None:
        self._socket = socket
        self._principal = principal
        self._service = service
        self._recheck = recheck
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Handle frames until the browser leaves or the person may not be here any more."""
        guard = asyncio.create_task(self._keep_checking())
        try:
            while True:
                text = await self._socket.receive_text()
                if len(text) > MAXIMUM_FRAME_CHARACTERS:
                    await self._socket.close(CLOSE_TOO_LARGE)
                    return
                begin_request()
                await self._handle(text)
        except (WebSocketDisconnect, RuntimeError):
            return
        finally:
            tasks = [guard, *self._followers.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, text: str) -> None:
        try:
            frame = FRAMES.validate_json(text)
        except ValidationError:
            message = "The frame is not one of ask, resume and stop, or a field is wrong."
            await self._send(FrameError(error="invalid_frame", message=message))
            return
        try:
            match frame:
                case AskFrame():
                    await self._ask(frame)
                case ResumeFrame():
                    await self._follow(frame.run_id, frame.after)
                case StopFrame():
                    await self._service.stop(self._principal, frame.run_id)
        except CodeMuseError as error:
            await self._send(
                FrameError(
                    error=error.public_code,
                    message=error.message,
                    request_id=getattr(frame, "request_id", None),
                    run_id=getattr(frame, "run_id", None),
                )
            )

    async def _ask(self, frame: AskFrame) -> None:
        body = MessageCreate.model_validate(frame.model_dump(exclude={"type", "session_id", "request_id"}))
        accepted = await self._service.ask(self._principal, Question(frame.session_id, body, frame.request_id))
        await self._send(AcceptedFrame(request_id=frame.request_id, message=accepted.message, run=accepted.run))
        await self._follow(accepted.run.id, 0)

    async def _follow(self, run_id: str, after: int) -> None:
        earlier = self._followers.pop(run_id, None)
        if earlier is not None:
            earlier.cancel()
        if len(self._followers) >= MAXIMUM_FOLLOWED:
            raise TooManyRequests("This connection follows too many runs already.", code="too_many_streams")
        events = await self._service.follow(self._principal, run_id, after)

        async def relay() -> None:
            async for event in events:
                await self._send(event)

        task = self._followers[run_id] = asyncio.create_task(relay())
        task.add_done_callback(lambda done: self._forget(run_id, done))

    def _forget(self, run_id: str, task: asyncio.Task[None]) -> None:
        if self._followers.get(run_id) is task:
            del self._followers[run_id]

    async def _keep_checking(self) -> None:
        """Close the socket soon after its owner was locked out, signed out or changed."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                self._principal = await self._recheck()
            except Unauthenticated:
                with contextlib.suppress(RuntimeError):
                    await self._socket.close(CLOSE_UNAUTHENTICATED)
                return

    async def _send(self, frame: Reply) -> None:
        async with self._sending:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self._socket.send_text(frame.model_dump_json())
