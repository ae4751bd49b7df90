"""What the hardware is and does, as data: no hardware language."""
