"""Derivatives: a file each op, named like it, with what comes back through it.

``back(op, xs, y, g)`` takes the op, what it read and gave for ``n`` windows, and the derivative
`g` of some number by what it gave, before its ReLU and its grid (`hwgen.explain.gradients` sees
to these); it returns the derivative by each value that it read.
"""
