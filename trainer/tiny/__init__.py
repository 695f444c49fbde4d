"""What the embedded default run trains, `profile:tiny`: a model of 91,000 parameters, and questions that it learns within half a minute."""
