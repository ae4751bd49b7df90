"""Options that several commands share: a file for each group, and the settings they mean."""
