"""A project file for a project that has none: what its files tell, and why each line is proposed."""
