"""Integer ops and the rules that make them: one file each, named like the op."""
