"""Files written as one: all of them or none, whatever happens on the way; what was cut short is ended, what was done is taken back."""
