"""Fewstep: one protocol for training, sampling, scoring and timing one-step and few-step image generators."""

__version__ = "0.1.0"
