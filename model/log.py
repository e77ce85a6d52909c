"""The lines of `metrics.jsonl`, and the same figures for a tracker such as TensorBoard."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from accelerate import Accelerator
from accelerate.utils import is_mlflow_available, is_tensorboard_available, is_wandb_available

from model.errors import ModelError

PROJECT = "dprk-bert"
AVAILABLE = {
    "tensorboard": is_tensorboard_available,
    "wandb": is_wandb_available,
    "mlflow": is_mlflow_available,
}


class Log:
    """Writes lines, with the speed since the line before."""

    def __init__(self, write: Callable[[str], Any], accelerator: Accelerator, tokens: int = 0) -> None:
        self._write = write
        self._accelerator = accelerator
        self.tokens = tokens
        self._since = 0
        self._clock = time.perf_counter()

    def count(self, tokens: int) -> None:
        self.tokens += tokens
        self._since += tokens

    def speed(self) -> dict[str, Any]:
        speed = self._since / max(1e-9, time.perf_counter() - self._clock)
        self.resume()
        return {"tokens": self.tokens, "tokens_per_second": round(speed, 1)}

    def resume(self) -> None:
        """Start the clock anew: an examination is no training time."""
        self._clock, self._since = time.perf_counter(), 0

    def write(self, line: dict[str, Any]) -> None:
        self._write(json.dumps(line) + "\n")
        if self._accelerator.trackers:
            figures = flat(line)
            self._accelerator.log(figures, step=int(figures.pop("step")))


def check_trackers(names: tuple[str, ...]) -> None:
    """Raise `ModelError` for a tracker whose package is missing; Accelerate would leave it out without a word."""
    for name in names:
        if not AVAILABLE[name]():
            raise ModelError(f"--tracker {name} needs the package {name}: pip install {name}")


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"validation": {"corpus": {"accuracy": 0.3}}}` as `{"validation/corpus/accuracy": 0.3}`."""
    found: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}/")
        else:
            found[prefix + name] = value
    return found


def bar_text(line: dict[str, Any]) -> str:
    """Loss, speed and validation accuracy of a line of `metrics.jsonl`, for people."""
    text = f"loss {line['loss']:.3f}, {line['tokens_per_second']:,.0f} tokens/s"
    for name, found in line.get("validation", {}).items():
        text += f", {name} accuracy {100 * found['accuracy']:.1f} %"
    return text
