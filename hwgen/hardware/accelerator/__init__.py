"""The whole network: samples in, class and logits out."""
