"""The whole record at once, by Splink, for people who stand in it twice. `run.py` is ours; `linking.py` runs where Splink is."""
