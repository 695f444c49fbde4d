"""Reports for the machines that read them in a review: annotations, code scanning, code quality, test reports."""
