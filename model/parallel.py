"""One process, or several that share out batches (DDP) or weights as well (FSDP): what Accelerate is told."""

from __future__ import annotations

import os

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin, ProjectConfiguration
from torch import nn
from torch.distributed.tensor import DTensor

from model.device import pick_device, process_state
from model.errors import ModelError
from model.recipes import Run


def make_accelerator(run: Run, precision: str) -> Accelerator:
    """Accelerate as this run wants it. Raises `ModelError` for FSDP's first version, which hides weights' shapes."""
    # Accelerate keeps its settings for the life of the process; a second run in it may want another precision.
    AcceleratorState._reset_state()
    process_state(run.device)
    sharding = os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"
    plugin = FullyShardedDataParallelPlugin(cpu_ram_efficient_loading=False) if sharding else None
    if plugin is not None and plugin.fsdp_version != 2:
        raise ModelError("FSDP version 1 is not supported; start with accelerate launch --fsdp_version 2")
    accelerator = Accelerator(
        cpu=pick_device(run.device).type == "cpu",
        mixed_precision="bf16" if precision == "bf16" else "no",
        fsdp_plugin=plugin,
        log_with=list(run.trackers) or None,
        project_config=ProjectConfiguration(str(run.output), logging_dir=str(run.output / "tracking")),
    )
    if plugin is not None and accelerator.distributed_type == DistributedType.MULTI_CPU:
        # Accelerate knows FSDP on accelerators only and would fall back to DDP; PyTorch's FSDP runs on CPUs as well.
        AcceleratorState._shared_state["fsdp_plugin"] = plugin
        for state in (PartialState, AcceleratorState):
            state._shared_state["distributed_type"] = DistributedType.FSDP
    return accelerator


def is_sharded(accelerator: Accelerator) -> bool:
    """Does each process hold only a share of the weights?"""
    return bool(accelerator.distributed_type == DistributedType.FSDP)


@torch.no_grad()
def gather_weights(sharded: nn.Module, whole: nn.Module) -> None:
    """Copy the weights of which each process has a share into `whole`; every process calls it, and gets all."""
    for share, parameter in zip(sharded.parameters(), whole.parameters(), strict=True):
        parameter.copy_(share.full_tensor() if isinstance(share, DTensor) else share)
