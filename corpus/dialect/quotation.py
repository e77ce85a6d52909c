"""Quotation marks: 《》 and 〈〉 in the North, “” and ‘’ in the South."""

from __future__ import annotations

import re

from corpus.dialect.edits import Find, replace_matches

_SOUTH = {"《": "“", "》": "”", "〈": "‘", "〉": "’", "≪": "“", "≫": "”"}
_NORTH = {"“": "《", "”": "》", "‘": "〈", "’": "〉"}

quotation_south: Find = replace_matches(re.compile("[《》〈〉≪≫]"), lambda match: _SOUTH[match[0]])
# ’ between a Latin letter or digit and another is an apostrophe. Straight marks have no direction and stay.
quotation_north: Find = replace_matches(
    re.compile("[“”‘]|(?<![A-Za-z0-9])’|’(?![A-Za-z0-9])"), lambda match: _NORTH[match[0]]
)
