"""Generated reports for tests, samples and benchmarks: a model of a report, and writers for every
format and layout.

Start at `registry.build`: a report, a layout and a dressing give bytes and the cells that a reading
of them must give. `draw.random_report` and `draw.synthetic_cells` make the figures, `samples`
writes data/samples.
"""
