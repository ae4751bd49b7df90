"""Programs of torch.export (``.pt2``): read as data, and run by hwgen's own few lines.

`torch.export.load` is not used: it unpickles objects, evaluates texts and looks names up in torch.
"""
