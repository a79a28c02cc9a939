"""Rows of a repository as a whole."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.db.models import Document, FileFacts, Snapshot
from docgen_server.db.reports import Report
from docgen_server.db.summaries import Summary


async def delete_rows(session: AsyncSession, repository_id: str) -> None:
    """Delete everything known of a repository; files, symbols and problems go with their parents."""
    for table in (Snapshot, FileFacts, Document, Report, Summary):
        await session.execute(delete(table).where(table.repository_id == repository_id))
