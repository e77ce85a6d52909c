"""What holds for every test."""

from __future__ import annotations

import os

# No test asks a model hub for anything; set before the libraries that read it are imported.
os.environ["HF_HUB_OFFLINE"] = "1"
