"""Tensors, and what stands beside them, safely out of files: nothing in them is run.

What network they make is for `hwgen.importers`. Importing this package does not import torch;
reading does.
"""

from hwgen.checkpoint.unpickle import Content, read_file, read_object

__all__ = ["Content", "read_file", "read_object"]
