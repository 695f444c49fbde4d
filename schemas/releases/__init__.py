"""What each release of TRL, transformers and PEFT has for fields: made by `make`, read by `table`."""
