"""ONNX graphs: a file to the float network.

`model` reads and cleans up, `convert` walks over the nodes, and `ops` has what each of them
becomes: a file a family of ops, found and not listed. An ONNX tensor is a view of a value of the
network (`view`): reshapes, transpositions and unit axes are ways of looking at it.
"""
