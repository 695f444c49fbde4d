import glob, yaml
for path in glob.glob("configs/*.yaml"):
    config = yaml.safe_load(open(path))
    print(path, config["learning_rate"])
