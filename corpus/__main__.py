"""`corpus`, as a console script and as `python -m corpus`."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main() -> None:
    if find_spec("pyarrow") is None:
        sys.exit("corpus needs pyarrow: pip install 'dprk-bert[corpus]'")
    from corpus.cli import corpus

    corpus(prog_name="corpus")


if __name__ == "__main__":
    main()
