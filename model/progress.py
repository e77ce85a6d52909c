"""A run's state between two steps, on disk: what a run that was killed needs to go on as if nothing had happened.

Weights, optimiser and the random state of every process are Accelerate's to write. Order and masks need no state: they
follow from the seed and the step.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from accelerate import Accelerator

from model.recipes import Best
from model.records import write_json

FOLDER, RECORD = "progress", "progress.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: steps done, real tokens read, seconds of training, the best examination so far, and how many
    there were since."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    best: Best | None = None
    waited: int = 0


def save_progress(accelerator: Accelerator, run: Path, progress: Progress) -> None:
    """Write the state of this step and drop the one before; whenever it is killed, one of them is whole.

    Every process calls it.
    """
    target = run / FOLDER / str(progress.step)
    writing = target.with_suffix(".writing")
    # Not as safetensors, which would have to drop one of two tied tensors, and says so every time.
    accelerator.save_state(str(writing), safe_serialization=False)
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        write_json(writing / RECORD, asdict(progress))
        writing.rename(target)
        for old in target.parent.iterdir():
            if old != target:
                shutil.rmtree(old)
    accelerator.wait_for_everyone()


def load_progress(accelerator: Accelerator, run: Path) -> Progress:
    """Put the prepared network and optimiser back to where the run's last whole state left them."""
    folder = last_progress(run)
    if folder is None:
        return Progress()
    accelerator.load_state(str(folder))
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    return Progress(**{**record, "best": Best(**record["best"]) if record["best"] else None})


def last_progress(run: Path) -> Path | None:
    """The folder of the last state that was written whole, if there is one."""
    whole = [folder for folder in (run / FOLDER).glob("*") if folder.name.isdigit()]
    return max(whole, key=lambda folder: int(folder.name), default=None)


def keep_metrics(path: Path, last_step: int) -> None:
    """Drop the lines of `metrics.jsonl` after `last_step`, and half a line at its end: they will be written again."""
    if not path.exists():
        return
    whole = [
        line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")
    ]
    kept = [line for line in whole if json.loads(line)["step"] <= last_step]
    temporary = path.with_suffix(".tmp")
    temporary.write_text("".join(kept), encoding="utf-8")
    temporary.replace(path)
