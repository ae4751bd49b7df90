"""The search for a task's neuron: tables, gates, fits and what is left of all terms.

H. Pei et al., NeuronSeek (arXiv:2506.15715). Nothing is imported here: reading a table needs no
torch.
"""
