"""How the report calls networks."""


def network_name(method: str, recipe: str, training_seed: int = 0) -> str:
    """How a network is called beside others."""
    name = method.replace("_", " ") + ("" if recipe == "default" else f", {recipe}")
    return name + (f", seed {training_seed}" if training_seed else "")
