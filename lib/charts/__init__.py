"""From a result to a chart: a small validated spec first, then its drawing."""
