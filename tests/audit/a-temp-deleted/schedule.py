class TemperatureScheduler:
    """Anneals sampling temperature over training."""

    def __init__(self, config, total_steps):
        temp_config = config.get("temperature_schedule", {})
        self.enabled = temp_config.get("enabled", True)
        self.initial = temp_config.get("initial", 1.2)
        self.final = temp_config.get("final", 0.4)
        self.warmup = temp_config.get("warmup_steps", 50)
        self.total = total_steps

    def at(self, step):
        if not self.enabled:
            return 1.0
        if step < self.warmup:
            return self.initial
        frac = min(1.0, (step - self.warmup) / max(1, self.total - self.warmup))
        return self.initial + (self.final - self.initial) * frac
