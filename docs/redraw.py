"""Write into README.md what is made from the code: the first program, the drawn rule table, the names of the faults.

`make readme` runs it; a test fails where the README is not fresh.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from journey_async.core.diagram import rules_as_mermaid
from journey_async.sandbox.faults import FAULTS

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"


def redrawn(text: str) -> str:
    """Give the README with its made parts made anew; each stands between `<!-- NAME -->` and `<!-- /NAME -->`."""
    parts = {
        "examples/first.py": f"```python\n{(ROOT / 'examples' / 'first.py').read_text()}```",
        "rules": f"```mermaid\n{rules_as_mermaid()}\n```",
        "faults": "| fault | what happens |\n|---|---|\n"
        + "\n".join(f"| `{name}` | {what} |" for name, what in FAULTS.items()),
    }
    for name, made in parts.items():
        opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(opening)
        _, _, after = rest.partition(closing)
        text = f"{before}{opening}\n{made}\n{closing}{after}"
    return text


if __name__ == "__main__":
    README.write_text(redrawn(README.read_text()))
