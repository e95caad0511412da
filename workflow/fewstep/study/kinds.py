"""The tasks of a study and the kinds of its trials."""

WITH_LOW_RESOLUTION, WITHOUT = 1, 2  # SR3's numbers of the two tasks
TRIAL, CATCH, PRACTICE = "trial", "catch", "practice"
