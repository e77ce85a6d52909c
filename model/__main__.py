"""Entry point of `model`, of `python -m model` and of `accelerate launch --module model`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    # The tokenizer's own threads warn when a process forks after they were used; ours does not fork.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        from model.cli import cli
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("model", "corpus"):
            raise
        sys.exit(f"model needs {error.name}, which is not installed: pip install 'dprk-bert[model]'")
    cli(prog_name="model")


if __name__ == "__main__":
    main()
