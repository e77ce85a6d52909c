"""Checkpoints: load any BERT-like masked-language-model, and write runs that load back as what was trained.

A run folder is a Hugging Face checkpoint (`AutoModelForMaskedLM` and `AutoTokenizer` load it as it is) with
`run.json` (what made it) and `metrics.jsonl` (how it went) beside the weights.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

from model.errors import ModelError
from model.tokenization import with_whole_syllables

# Its bars for loading and saving would tear ours; a load takes a second.
transformers_logging.disable_progress_bar()


WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)


def load_checkpoint(name_or_folder: str) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Model (fp32, in evaluation mode) and tokenizer of a folder or a hub name.

    Raises `ModelError` when it does not exist, is half-written, has no masked-LM head or no `[MASK]`.
    """
    _check_folder(name_or_folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(name_or_folder)
        model, info = AutoModelForMaskedLM.from_pretrained(
            name_or_folder, dtype=torch.float32, output_loading_info=True
        )
    except ModelError:
        raise
    except Exception as error:
        # The libraries raise OSError, ValueError, SafetensorError, JSONDecodeError ... for one and the same
        # situation: this is no checkpoint that can be read.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"cannot load {name_or_folder!r} as a masked language model ({reason}); "
            "give a folder with config.json, weights and tokenizer, or a hub name such as snunlp/KR-BERT-char16424"
        ) from error
    missing = sorted(info["missing_keys"])
    if missing:
        raise ModelError(
            f"{name_or_folder!r} lacks weights that a masked language model needs "
            f"({len(missing)}, e.g. {missing[0]}); it was saved without its output head or by another architecture"
        )
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(
            f"the tokenizer of {name_or_folder!r} has no fast (tokenizer.json) form; convert it first"
        )
    tokenizer = with_whole_syllables(tokenizer)
    if tokenizer.mask_token_id is None:
        raise ModelError(
            f"the tokenizer of {name_or_folder!r} has no [MASK] token, so nothing can be masked with it"
        )
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise ModelError(
            f"the tokenizer of {name_or_folder!r} has {len(tokenizer):,} tokens, "
            f"its model only {rows:,}: they do not belong together"
        )
    return model.eval(), tokenizer


def _check_folder(name_or_folder: str) -> None:
    """Say plainly what is wrong with a folder; a name that is no folder is left to the hub's client."""
    folder = Path(name_or_folder)
    if not folder.exists():
        # `owner/model` is a hub name unless there is a folder `owner` here: then it is a slip, and asking the hub would
        # take long to say less.
        looks_like_path = name_or_folder.startswith((".", "/", "~")) or name_or_folder.count("/") > 1
        if looks_like_path or ("/" in name_or_folder and folder.parent.exists()):
            raise ModelError(
                f"{name_or_folder!r} does not exist; give a checkpoint folder or a hub name (owner/model)"
            )
        return
    if not folder.is_dir():
        raise ModelError(
            f"{name_or_folder!r} is a file; give the folder that holds config.json and the weights"
        )
    if not (folder / "config.json").exists():
        unfinished = (folder / "metrics.jsonl").exists()
        raise ModelError(
            f"{name_or_folder!r} holds no config.json: "
            + (
                "its training did not finish; run it again with --overwrite"
                if unfinished
                else "it is no checkpoint"
            )
        )
    if not any((folder / name).exists() for name in WEIGHTS):
        raise ModelError(
            f"{name_or_folder!r} has a config.json but no weights ({WEIGHTS[0]}); copy it again whole"
        )


def save_checkpoint(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    folder: Path,
) -> None:
    """Write weights and tokenizer beside the logs; `config.json` comes last, so a killed save is no checkpoint."""
    staging = folder / "writing"
    shutil.rmtree(staging, ignore_errors=True)
    model.save_pretrained(staging)
    tokenizer.save_pretrained(staging)
    _move_whole(staging, folder)


def promote(checkpoint: Path, folder: Path) -> None:
    """Copy the files of `checkpoint` into `folder`, as carefully as they were written."""
    staging = folder / "writing"
    shutil.rmtree(staging, ignore_errors=True)
    shutil.copytree(checkpoint, staging)
    _move_whole(staging, folder)


def _move_whole(staging: Path, folder: Path) -> None:
    for path in sorted(staging.iterdir(), key=lambda path: path.name == "config.json"):
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(path, folder / path.name)
    staging.rmdir()
