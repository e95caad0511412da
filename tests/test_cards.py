"""What cards say of files and of the networks that others are built on."""

from fewstep.cards import files_of


def test_files_that_a_card_names_are_found_wherever_they_stand_in_it(tmp_path):
    folder, other = tmp_path / "method", tmp_path / "other.bin"
    (folder / "tables").mkdir(parents=True)
    for file in (folder / "tables" / "a.npz", folder / "b", folder / "unnamed", other):
        file.touch()
    card = {
        "title": "tables",  # a folder is no file
        "variants": {
            "v": {"sampling": {"levels": ["tables/a.npz", 3, None]}, "label": "no such file", "paper": "x" * 5000}
        },
        "datasets": {"d": {"recipes": {"r": {"network": {"start": "b", "pretrained": str(other)}}}}},
        "weights": [""],
    }
    assert files_of(card, folder) == sorted([folder / "tables" / "a.npz", folder / "b", other])
