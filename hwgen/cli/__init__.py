"""The command line: one file per command; parse, call one stage, map errors."""
