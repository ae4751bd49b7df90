"""From samples to features: a file each, named like the op that it carries out."""
