"""Article pages that build their text with a script, as a redesign may: a shell, a script, and data for it."""

import json
import re

SCRIPT_PATH = "js/reader.js"
DATA_PATH = "data.php"

SCRIPT = """
window.addEventListener("load", async function () {
  const answer = await fetch(location.href.replace("index.php", "data.php"));
  const data = await answer.json();
  document.getElementById("reader").innerHTML = data.html;
});
"""

_ARTICLE = re.compile(rb'<div id="newsPage".*?(?=\n<div class="col-sm-3" id="SideColumn">)', re.DOTALL)
_SHELL = b'<div id="reader"></div><script src="js/reader.js"></script>'


def shell(page: bytes) -> bytes:
    """An article page without its article; other pages as they are."""
    return _ARTICLE.sub(_SHELL, page)


def data(page: bytes) -> bytes:
    """What the script of a shell asks for: the article of its page, as JSON."""
    article = _ARTICLE.search(page)
    return json.dumps({"html": article[0].decode() if article else ""}).encode()
