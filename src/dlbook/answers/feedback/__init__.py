"""What to say about an answer that is not right."""
