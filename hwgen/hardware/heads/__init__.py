"""From logits to a class."""
