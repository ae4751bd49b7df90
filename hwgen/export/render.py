"""Templates to text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwgen import files, share


def rendered(template: Path, facts: Mapping[str, Any]) -> str:
    """Return the text of a template; what it names and `facts` lack is a mistake."""
    import jinja2

    environment = jinja2.Environment(  # not HTML: what is escaped is escaped by its filter
        loader=jinja2.FileSystemLoader(share.folder("rtl_templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["xml"] = _xml
    return environment.from_string(files.read_text(template)).render(facts)


def plain(text: str) -> str:
    """Return `text` on one line, without what Markdown or Verilog would take as more than text."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", " ".join(line.split()))


def _xml(text: Any) -> str:
    from xml.sax.saxutils import escape

    return escape(str(text), {'"': "&quot;"})
