"""Entry point of `model`, of `python -m model` and of `accelerate launch --module model`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    # The tokenizer's own threads warn when a process forks after they were used; ours does not fork.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    # Threads that spin while they wait slow each other down several times as soon as another program wants a core.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from model.cli import cli

        cli(prog_name="model")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("model", "corpus"):
            raise
        sys.exit(f"model needs {error.name}, which is not installed: pip install 'dprk-bert[model]'")


if __name__ == "__main__":
    main()
