"""The command `model`: the group of its commands, and how it tells of errors.

What computes is imported by the command that needs it, so that help and tables do not wait for PyTorch.
"""

from __future__ import annotations

from typing import Any

import click

from model.errors import ModelError
from model.scoring_commands import compare, errors, evaluate, plot
from model.training_commands import interpolate, pretrain, train


class Commands(click.Group):
    """Turns our errors into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModelError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="dprk-bert")
def cli() -> None:
    """Continue the pre-training of a South-Korean BERT on North Korean text, and measure what it learns and forgets.

    \b
    The road:
      model pretrain --corpus corpora/rok --output runs/base      (or take snunlp/KR-BERT-char16424 as the base)
      model train --corpus corpora/rodong --base runs/base --output runs/plain
      model train --corpus corpora/rodong --base runs/base --output runs/near --weight 0.3
      model evaluate runs/* --corpus rodong=corpora/rodong --corpus rok=corpora/rok --output results.json
      model compare results.json
      model plot runs/plain runs/near --output stray.png
    """


for command in (pretrain, train, interpolate, evaluate, compare, errors, plot):
    cli.add_command(command)
