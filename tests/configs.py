"""Generated configs: the reference profile with some keys changed, dropped and added, well-typed or not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from laid_over import DROP, PROFILE, laid_over

REFERENCE = (PROFILE / "training.yaml").read_text(encoding="utf-8")
INTEGERS = ("max_steps", "rollout_batch_size", "num_return_sequences_in_group", "warmup_steps", "lora_rank", "save_every", "eval_every")
NUMBERS = ("learning_rate", "lora_alpha", "lora_dropout", "weight_decay", "kl_loss_coef", "execution_timeout")
NAMES = st.sampled_from(["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "lm_head", "nonsense"])
SCALARS = st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from(["a", "b c", "1e-5", "~", '"1"']), st.floats(0, 1, width=16))


@st.composite
def configs(draw: Any) -> str:
    """The reference profile with some keys changed, dropped and added, well-typed or not."""
    lines = [f"{key}: {draw(st.one_of(st.just(DROP), st.integers(-1, 1000)))}" for key in draw(st.sets(st.sampled_from(INTEGERS)))]
    spelled = st.one_of(st.just(DROP), st.floats(0, 10, width=32).map(str), st.sampled_from(["5e-5", "2.0e-5", "null", "0.1"]))
    lines += [f"{key}: {draw(spelled)}" for key in draw(st.sets(st.sampled_from(NUMBERS)))]
    if draw(st.booleans()):
        modules = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
        lines.append(f"lora_target_modules: {draw(st.sampled_from([str(modules), ','.join(modules)]))}")
    if draw(st.booleans()):
        lines.append(f"domain_ratios: {{math: {draw(st.sampled_from([0.2, 0.5, 2]))}, code: 0.5}}")
    if draw(st.booleans()):
        enabled, initial = draw(st.sampled_from(["true", "false"])), draw(st.sampled_from([0.5, 0.9]))
        lines.append(f"temperature_schedule: {{enabled: {enabled}, initial: {initial}, final: 0.1, warmup_steps: 10}}")
    own = draw(st.dictionaries(st.sampled_from(["my_a", "my_b", "my_section"]), SCALARS))
    lines += [f"{key}: {value}" if key != "my_section" else f"{key}: {{x: {value}, y: [{value}, 2]}}" for key, value in own.items()]
    return laid_over("\n".join(lines), REFERENCE)
