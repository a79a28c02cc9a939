"""Which names of archive members are taken, which are left out, and which make the whole archive unsafe."""

import re
import unicodedata

from docgen_server.core.errors import ArchiveUnsafePath

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_LONGEST_PATH = 4096
_MOST_REPORTED = 1000


class MemberNames:
    """Checks the names of one archive, in order."""

    def __init__(self) -> None:
        self.skipped: dict[str, str] = {}
        """Names that were left out, with the reason."""
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def accept(self, name: str, *, is_folder: bool, is_regular: bool) -> str | None:
        """The path to store a member under, or nothing when it is left out.

        Raises:
            ArchiveUnsafePath: The name climbs out of the archive's folder; no honest tool writes such a name.
        """
        parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", "."}]
        if name.startswith(("/", "\\")) or _DRIVE.match(name) or ".." in parts:
            raise ArchiveUnsafePath("A member of the archive points out of its folder.", member=visible(name))
        if is_folder or not parts:
            return None
        reason = self._objection("/".join(parts), parts, is_regular=is_regular)
        if reason is None:
            return "/".join(parts)
        if reason != "git_metadata" and len(self.skipped) < _MOST_REPORTED:
            self.skipped[visible(name)] = reason
        return None

    def _objection(self, path: str, parts: list[str], *, is_regular: bool) -> str | None:
        if not is_regular:
            return "not_a_file"
        if any(part.lower() == ".git" for part in parts):
            return "git_metadata"
        if _CONTROL.search(path) or len(path) > _LONGEST_PATH or (not path.isprintable() and "\ufffd" in path):
            return "unreadable_name"
        if any(0xDC80 <= ord(character) <= 0xDCFF for character in path):
            return "unreadable_name"
        folded = [
            unicodedata.normalize("NFC", "/".join(parts[:depth])).casefold() for depth in range(1, len(parts) + 1)
        ]
        *folders, file = folded
        if file in self._files:
            return "duplicate_name"
        if file in self._folders or any(folder in self._files for folder in folders):
            return "name_conflict"
        self._files.add(file)
        self._folders.update(folders)
        return None


def visible(name: str) -> str:
    """A name with its control characters spelled out, and of bounded length."""
    text = name[:500].encode("utf-8", "backslashreplace").decode()
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
