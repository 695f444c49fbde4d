from .constants import TOP_K


def sample(model, ids, gen, k):
    return model.generate(
        ids.repeat_interleave(k, 0),
        do_sample=True,
        temperature=gen.get("temperature", 0.9),
        top_p=gen["top_p"],
        top_k=TOP_K,
        max_new_tokens=gen["max_tokens"],
    )
