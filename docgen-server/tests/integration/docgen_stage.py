"""A running docgen-server, as another service sees it."""

import io
import tarfile
from contextlib import asynccontextmanager

import httpx

from codemuse.testing import SERVICE_TOKEN
from docgen_server.main import create_app


class Docgen:
    """Speaks to a running docgen-server as another service would."""

    def __init__(self, client, settings):
        self.client = client
        self.settings = settings

    async def call(self, method, path, expected=200, **options):
        response = await self.client.request(method, f"/api/v1{path}", **options)
        assert response.status_code == expected, response.text
        return response.json()

    async def refused(self, method, path, **options):
        response = await self.client.request(method, f"/api/v1{path}", **options)
        assert 400 <= response.status_code < 500, response.text
        body = response.json()
        assert body["message"].endswith(".")
        return body["error"]

    async def upload(self, files, repository_id="r1", expected=200):
        return await self.call(
            "POST", f"/repositories/{repository_id}/archives", expected, files={"archive": ("a", pack_files(files))}
        )

    async def snapshot(self, files, repository_id="r1"):
        archive = await self.upload(files, repository_id)
        body = {"repository_id": repository_id, "archive": {"archive_id": archive["archive_id"]}}
        return await self.call("POST", "/snapshots", json=body)

    async def analysed(self, files, repository_id="r1"):
        """A snapshot with all its files analysed."""
        snapshot = await self.snapshot(files, repository_id)
        manifest = await self.call("GET", f"/snapshots/{snapshot['id']}/manifest")
        paths = [file["path"] for file in manifest["items"] if file["skip_reason"] is None]
        await self.call("POST", f"/snapshots/{snapshot['id']}/analyse", json={"paths": paths})
        return snapshot


def pack_files(files):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


@asynccontextmanager
async def speaking(settings):
    """The application with everything that it opens, and somebody who speaks to it."""
    app = create_app(settings)
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://docgen", headers=headers, timeout=60) as client,
    ):
        yield Docgen(client, settings)
