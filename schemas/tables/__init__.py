"""The models as plain shapes; made by `python -m confguard.schemas.generate`, never edited."""
