"""From files to findings: find the files, know their kind, fit them to its shape, apply the rules, honour what is waived."""
