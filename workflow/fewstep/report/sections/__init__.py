"""The sections of the page, each with a function that makes Section objects of a run; `shown` is what they share."""
