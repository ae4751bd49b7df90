"""The stages of a build, in data-flow order, each run only when its inputs or tools changed."""
