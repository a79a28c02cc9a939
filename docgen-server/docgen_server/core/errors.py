"""What can be wrong with a source: the leaves of docgen-server below the family of the kit.

A source that cannot be read is the caller's to mend, so these are answers of the 4xx kind, even where the cause is a
host that does not answer: it says nothing about the health of this service.
"""

from codemuse.errors import InvalidInput, NotFound, PayloadTooLarge


class UrlNotAllowed(InvalidInput):
    """The address of a repository is of a kind, or at a place, that is not fetched from."""

    code = "url_not_allowed"


class GitUnreachable(InvalidInput):
    """The host of a repository does not answer as a git server would."""

    code = "git_unreachable"


class GitAuthRequired(InvalidInput):
    """The repository does not exist or is not public."""

    code = "git_auth_required"


class GitTimeout(InvalidInput):
    """Fetching took longer than is allowed."""

    code = "git_timeout"


class RefNotFound(InvalidInput):
    """The repository has no such branch, tag or commit."""

    code = "ref_not_found"


class InvalidRef(InvalidInput):
    """What was given cannot be the name of a branch, tag or commit."""

    code = "invalid_ref"


class RepositoryTooLarge(InvalidInput):
    """A repository exceeds a limit of size or count."""

    code = "repository_too_large"


class EmptyRepository(InvalidInput):
    """There is not a single file to read."""

    code = "empty_repository"


class NotAnArchive(InvalidInput):
    """The upload is neither a tar, a compressed tar nor a zip, or it is damaged."""

    code = "not_an_archive"


class ArchiveUnsafePath(InvalidInput):
    """A member of the archive points out of its folder."""

    code = "archive_unsafe_path"


class ArchiveTooManyFiles(InvalidInput):
    """The archive has more members than are read."""

    code = "archive_too_many_files"


class ArchiveBomb(InvalidInput):
    """The archive unpacks to far more than its size promises."""

    code = "archive_bomb"


class ArchiveTooLarge(PayloadTooLarge):
    """The content of the archive is larger than is read."""

    code = "archive_too_large"


class ArchiveNotFound(NotFound):
    """No archive of that id was uploaded for this repository."""

    code = "archive_not_found"


class SnapshotNotFound(NotFound):
    """There is no such snapshot."""

    code = "snapshot_not_found"


class PathNotFound(NotFound):
    """The snapshot has no such file."""

    code = "path_not_found"


class NotText(InvalidInput):
    """The file has no lines that could be shown."""

    code = "not_text"


class LinesOutOfRange(InvalidInput):
    """The file has no such lines, or they end before they start."""

    code = "lines_out_of_range"


class InvalidReport(InvalidInput):
    """An uploaded report of coverage or tests is in none of the formats that are read."""

    code = "invalid_report"
