"""What is around the accelerator on a board."""
