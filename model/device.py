"""Where to compute and how precisely."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

import torch
from accelerate import PartialState
from torch import nn

from model.errors import ModelError
from model.recipes import Device, Precision


def pick_device(device: Device) -> torch.device:
    """The GPU if there is one and nothing else was asked for. Raises `ModelError` when a GPU was asked for in vain."""
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError(
            "--device cuda: PyTorch sees no GPU here; use --device cpu or install a CUDA build of torch"
        )
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def process_state(device: Device) -> PartialState:
    """What this process knows of the others: alone, or one of several started by `accelerate launch`.

    Accelerate fixes the device at the first call in a process, so every call goes through here.
    """
    return PartialState(cpu=pick_device(device).type == "cpu")


def pick_precision(precision: Precision, device: torch.device) -> Literal["bf16", "fp32"]:
    """bf16 where the processor computes in it (about 1.6 times as fast), fp32 elsewhere."""
    if precision != "auto":
        return precision
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    flags = torch.backends.cpu.get_cpu_capability()
    native = flags.startswith("AVX512") and torch.cpu._is_avx512_bf16_supported()
    return "bf16" if native else "fp32"


def move(model: nn.Module, device: torch.device) -> None:
    """Move a model in place; through `nn.Module`, whose signature the type checker can read."""
    nn.Module.to(model, device)


def autocast(device: torch.device, precision: str) -> AbstractContextManager[None]:
    """Compute matrix products in bf16, the rest in fp32; with "fp32" everything in fp32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
