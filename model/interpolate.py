"""Weights between a base and a model that was trained from it: robust fine-tuning without training (WiSE-FT)."""

from __future__ import annotations

from pathlib import Path

import torch

from model.checkpoint import load_checkpoint, save_checkpoint
from model.errors import ModelError
from model.recipes import Run
from model.records import versions, write_json
from model.runs import RECORD, begin_output, check_output, read_record


def interpolate(base: str, run: Path, *, alpha: float, output: Path, overwrite: bool = False) -> None:
    """Write the run folder `output` with the weights (1 − α)·θ_base + α·θ_run (Wortsman et al. 2022, equation 1).

    The tokenizer is the run's. Where both lie in one basin of the loss, as a base and what was trained from it do, the
    way between them gives up less of either than its ends would suggest. Cost: nothing in training, one evaluation for
    each α. Raises `ModelError` when the two are not of one shape, or have other vocabularies.
    """
    if not 0 <= alpha <= 1:
        raise ModelError(f"--alpha {alpha}: it lies between 0 (the base) and 1 (the run)")
    if output.resolve() in (Path(base).resolve(), run.resolve()):
        raise ModelError(f"--output {output} is one of the two models; write the new one somewhere else")
    check_output(Run(output, device="cpu"), overwrite=overwrite)
    start, base_tokenizer = load_checkpoint(base)
    end, tokenizer = load_checkpoint(str(run))
    if base_tokenizer.get_vocab() != tokenizer.get_vocab():
        raise ModelError(f"{base} and {run} have different vocabularies; interpolate a run with its own base")
    initial, trained = dict(start.named_parameters()), dict(end.named_parameters())
    if {n: p.shape for n, p in initial.items()} != {n: p.shape for n, p in trained.items()}:
        raise ModelError(
            f"{base} and {run} are models of different shapes; interpolate a run with its own base"
        )
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_((1 - alpha) * initial[name] + alpha * parameter)
    record = {
        "command": "interpolate",
        "base": base,
        "run": str(run),
        "alpha": alpha,
        "interpolated": read_record(run),
    }
    begin_output(output, record)
    save_checkpoint(end, tokenizer, output)
    write_json(output / RECORD, {"finished": True, **record, "versions": versions()})
