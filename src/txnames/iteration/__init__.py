"""How an answer is found from the root on: hints, what a response means, and the walk itself."""
