import yaml


class Section:
    def __init__(self, values):
        self.__dict__.update(values)


class Settings:
    seed = 17

    def __init__(self, path):
        with open(path) as f:
            raw = yaml.safe_load(f)
        for key, value in raw.items():
            setattr(self, key, value)
        self.train = Section(raw["train"])
        for key, value in raw["data"].items():
            setattr(self, "data_" + key, value)
        for key in ("threshold", "batch_size"):
            setattr(self, f"eval_{key}", raw["eval"][key])

    def describe(self):
        return {k: v for k, v in vars(self).items() if not k.startswith("_")}
