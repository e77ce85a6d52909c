"""Which split a document belongs to."""

from __future__ import annotations

from hashlib import blake2b

TRAIN, VALIDATION, ALL = "train", "validation", "all"


def split_of(document_id: str, ratio: float | None, seed: int = 0) -> str:
    """`train` with probability `ratio`, else `validation`; `all` where there is no ratio.

    The answer hangs on the seed and the document's id alone, so a document keeps its place while the corpus grows
    around it, and no sentence of a training document is ever in the validation split.
    """
    if ratio is None:
        return ALL
    digest = blake2b(f"{seed}\0{document_id}".encode(), digest_size=8).digest()
    return TRAIN if int.from_bytes(digest) < ratio * 2**64 else VALIDATION
