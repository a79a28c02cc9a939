"""Every rule with what it means and how to mend it: for lists, for pages, and for SARIF."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem."""

    id: str
    severity: str
    """``error``, ``warning`` or ``note``."""
    title: str
    explanation: str
    advice: str
    noqa: tuple[str, ...] = ()
    """Codes that switch it off in a ``# noqa`` comment."""


_RULES = (
    Rule("syntax-error", "error", "Syntax error", "The parser does not understand this part of the file; the rest was read.",
         "Check the syntax here, or the language version that the file is written for.", ("E999",)),
    Rule("hard-coded-secret", "error", "Hard-coded secret", "Who can read the code can use the secret, and its history keeps it.",
         "Revoke it, read it from the environment or a secret store, and remove it from the history.", ("S105", "S106", "S107")),
    Rule("import-cycle", "warning", "Import cycle", "Files that need each other while they load break as soon as the order of imports changes.",
         "Move what both need into a module of its own, or import inside the function that needs it."),
    Rule("unreachable-code", "warning", "Unreachable code", "Nothing after a return, raise, break or continue in the same block ever runs.",
         "Remove it, or mend the condition that was meant.", ("W0101",)),
    Rule("unused-definition", "note", "Unused definition", "It is private, and its name stands nowhere else in the repository.",
         "Remove it; the history keeps it."),
    Rule("unused-variable", "note", "Unused variable", "A value is computed and stored, and never read.",
         "Remove the name, or use the value that was meant.", ("F841",)),
    Rule("duplicated-block", "note", "Duplicated block", "The same lines stand in several places, and will be mended in one of them only.",
         "Give them a name and call it from both places."),
    Rule("long-function", "note", "Long function", "Few people keep so many lines in mind at once.", "Give its steps names of their own.", ("PLR0915",)),
    Rule("complex-function", "warning", "Complex function", "It has so many paths that no test suite walks them all.",
         "Split it along its branches, or replace the branches by a table.", ("C901", "PLR0912")),
    Rule("deep-nesting", "note", "Deep nesting", "To understand the innermost lines one must keep every condition around them in mind.",
         "Return early, or give the inner block a name of its own.", ("PLR1702",)),
    Rule("many-parameters", "note", "Many parameters", "Calls with so many arguments are easily put in the wrong order.",
         "Group what belongs together into a value of its own.", ("PLR0913",)),
    Rule("doc-unknown-parameter", "warning", "Documentation of a parameter that does not exist",
         "The doc comment names a parameter that the function does not take.", "Correct the name, or remove the line.", ("D417",)),
    Rule("missing-doc", "note", "Missing doc comment", "Nearly everything else that this file offers says what it is for.",
         "Say in a sentence what it is for, and what its caller must know.", ("D101", "D103")),
    Rule("broad-except", "note", "Broad except", "It catches programming errors too, and neither logs nor raises them.",
         "Name the exceptions that this code can handle.", ("BLE001", "E722", "W0703")),
    Rule("swallowed-exception", "warning", "Swallowed exception", "A failure here leaves no trace.",
         "Catch the exceptions that are expected here, or log the failure before going on.", ("S110", "BLE001", "E722")),
    Rule("mutable-default", "warning", "Mutable default", "All calls share one object: what one call adds, the next one finds.",
         "Use None as the default and make the object inside the function.", ("B006",)),
    Rule("todo", "note", "Open note", "A note that something is still to be done.", "Do it, or move it to the issue tracker.", ("FIX001", "FIX002", "TD001")),
    Rule("unpinned-dependency", "note", "Dependency without a version", "Every install may bring another version, and none can be repeated.",
         "Say which versions are known to work."),
    Rule("untested-hotspot", "warning", "Untested and often changed", "It changes often, and the uploaded coverage says that no test runs it.",
         "Write tests for it before the next change."),
    Rule("dangerous-eval", "warning", "Code from a value", "Whoever controls the value runs code in this process.",
         "Use a parser or a table of what is allowed (``ast.literal_eval`` for plain values).", ("S307", "S102", "PGH001")),
    Rule("shell-injection", "error", "Command line put together for a shell", "A value with a space or a semicolon in it becomes another command.",
         "Pass a list of arguments without a shell.", ("S602", "S605")),
    Rule("sql-injection", "error", "SQL put together from values", "A value with a quote in it becomes part of the statement.",
         "Pass the values as parameters of the query.", ("S608",)),
    Rule("unsafe-deserialisation", "error", "Unsafe deserialisation", "Reading data from others this way runs what they put into it.",
         "Use ``yaml.safe_load``, or JSON.", ("S506", "S301")),
    Rule("unverified-tls", "error", "Certificates are not checked", "Anybody on the way can answer in the server's place.",
         "Leave verification on, and trust your own authority by its certificate.", ("S501", "S323")),
    Rule("unsafe-temporary-file", "warning", "Unsafe temporary file", "Between the choice of the name and its use somebody else can make the file.",
         "Use ``tempfile.mkstemp`` or ``NamedTemporaryFile``.", ("S306",)),
    Rule("likely-bug", "warning", "Likely a mistake", "This does not do what it looks like.", "Write what was meant.",
         ("F601", "F632", "F823", "B002", "B003", "B015", "B016", "B025", "B030", "B032", "B033", "B035")),
    Rule("format-mismatch", "error", "Format and values do not fit", "The line fails, or drops a value, as soon as it runs.",
         "Make placeholders and values agree.", ("F502", "F507", "F521", "F524", "PLE1205", "PLE1206", "PLE1307")),
    Rule("blocking-in-async", "warning", "Blocking call in a coroutine", "While it waits, everything else on the event loop waits too.",
         "Use the asynchronous counterpart, or run it in a thread.", ("ASYNC210", "ASYNC230", "ASYNC251")),
    Rule("dangling-task", "warning", "Task that nobody keeps", "The event loop holds tasks weakly: it may be collected before it has ended.",
         "Keep a reference until it is done, or use a task group.", ("RUF006",)),
)  # fmt: skip

CATALOGUE: Mapping[str, Rule] = {rule.id: rule for rule in _RULES}
