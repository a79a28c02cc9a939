"""What can be wrong with a request for documents."""

from codemuse.errors import InvalidInput, NotFound


class DocumentNotFound(NotFound):
    """There is no such document."""

    code = "document_not_found"


class NothingToChange(InvalidInput):
    """An update names neither a title nor a text."""

    code = "nothing_to_change"
