"""`corpus`, as a console script and as `python -m corpus`."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main() -> None:
    missing = [name for name in ("pyarrow", "rensa") if find_spec(name) is None]
    if missing:
        sys.exit(f"corpus needs {' and '.join(missing)}: pip install 'dprk-bert[corpus]'")
    from corpus.cli import corpus

    corpus(prog_name="corpus")


if __name__ == "__main__":
    main()
