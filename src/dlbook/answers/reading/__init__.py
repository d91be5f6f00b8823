"""From what a reader types to a tree, and from a tree to a formula that can be shown."""
