"""What trees are worth: numbers, vectors, matrices and sets, and whether two of them agree."""
