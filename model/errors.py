"""The error that a user must put right."""

from __future__ import annotations


class ModelError(Exception):
    """Work that cannot start or go on; the message is one line and says what to do."""
