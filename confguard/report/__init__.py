"""How a report is shown: text for people, one line a finding, JSON for programs."""
