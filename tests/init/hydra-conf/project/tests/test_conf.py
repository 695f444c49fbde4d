import yaml


def test_conf() -> None:
    assert yaml.safe_load(open("conf/train/grpo_math.yaml"))["beta"] < 1
