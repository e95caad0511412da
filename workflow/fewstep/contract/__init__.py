"""What a method sees: the request, conditions, edit tasks and constraints; and what is checked of its results."""
