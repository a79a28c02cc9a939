"""What can be wrong with a request for documents."""

from codemuse.errors import Conflict, InvalidInput, NotFound


class DocumentNotFound(NotFound):
    """There is no such document."""

    code = "document_not_found"


class RevisionNotFound(NotFound):
    """The document has no such revision, or it is not kept any more."""

    code = "revision_not_found"


class SectionNotFound(NotFound):
    """The document has no such section."""

    code = "section_not_found"


class NothingToChange(InvalidInput):
    """An update names neither a title nor a text."""

    code = "nothing_to_change"


class DocumentChanged(Conflict):
    """The document has moved on since the revision that was edited."""

    code = "document_changed"


class NoDocuments(NotFound):
    """The repository has no pages in that language yet."""

    code = "no_documents"


class ExportFailed(InvalidInput):
    """The site generator could not make a site of these pages."""

    code = "export_failed"
