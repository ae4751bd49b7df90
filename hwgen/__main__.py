"""Runs the command line: ``python -m hwgen``."""

from hwgen.cli.main import main

main()
