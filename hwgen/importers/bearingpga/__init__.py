"""The published network in the state_dicts of others: named, measured and put together."""
