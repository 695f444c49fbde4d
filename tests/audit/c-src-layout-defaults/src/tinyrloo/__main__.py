import argparse
import logging

from datasets import load_dataset

from tinyrloo import RLOOTrainer, load_recipe


def main():
    ap = argparse.ArgumentParser("tinyrloo")
    ap.add_argument("recipe")
    ap.add_argument("--eval-every", type=int, default=0, dest="eval_every")
    ap.add_argument("-v", action="store_true")
    args = ap.parse_args()
    recipe = load_recipe(args.recipe)
    logging.basicConfig(level=logging.DEBUG if args.v else logging.INFO)
    for name, part in recipe.items():
        logging.info("%-12s %s", name, part)
    prompts = load_dataset("trl-lib/tldr", split="train")["prompt"]
    trainer = RLOOTrainer(recipe, prompts)
    trainer.fit()
    if args.eval_every:
        logging.info("final loss %.4f", trainer.step())


if __name__ == "__main__":
    main()
