"""Ask again, and look up every citation of the answer in the files of this folder; exits 1 if one does not hold."""

import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Print how many citations resolve."""
    asked = subprocess.run(
        ["codemuse", "ask", sys.argv[1], "-r", "codemuse", "--json"], capture_output=True, check=True
    )
    citations = json.loads(asked.stdout)["citations"]
    wrong = [citation for citation in citations if not holds(citation)]
    for citation in wrong:
        print(f"does not hold: {citation['path']}:{citation['start_line']}-{citation['end_line']}")
    print(f"\n{len(citations) - len(wrong)} of {len(citations)} citations resolve in this folder.")
    return 1 if wrong or not citations else 0


def holds(citation: dict[str, object]) -> bool:
    """Whether the cited lines say what is quoted."""
    lines = Path(str(citation["path"])).read_text().splitlines()
    cited = lines[int(str(citation["start_line"])) - 1 : int(str(citation["end_line"]))]
    return [line.rstrip() for line in cited] == [line.rstrip() for line in str(citation["text"]).splitlines()]


if __name__ == "__main__":
    sys.exit(main())
