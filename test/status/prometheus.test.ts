import { expect, it } from "vitest";
import { createHistogram, toPrometheus } from "../../src/status/prometheus.ts";

it("writes the text format of Prometheus, labels escaped", () => {
  const text = toPrometheus([
    { name: "a_total", help: "All.", type: "counter", samples: [{ value: 3 }] },
    { name: "b", help: "By name.", type: "gauge", samples: [{ value: 0.5, labels: { name: 'a"b\\c\nd', of: "x" } }] },
    { name: "c", help: "None yet.", type: "counter", samples: [] },
  ]);
  expect(text).toBe(
    [
      "# HELP a_total All.",
      "# TYPE a_total counter",
      "a_total 3",
      "",
      "# HELP b By name.",
      "# TYPE b gauge",
      'b{name="a\\"b\\\\c\\nd",of="x"} 0.5',
      "",
      "# HELP c None yet.",
      "# TYPE c counter",
      "",
    ].join("\n"),
  );
});

it("counts how long things take, each bound with all that is within it", () => {
  const histogram = createHistogram();
  for (const seconds of [0.0001, 0.004, 0.004, 30]) histogram.observe(seconds);
  const lines = toPrometheus([{ name: "t", help: "…", type: "histogram", samples: histogram.samples() }]).split("\n");
  for (const line of [
    't_bucket{le="0.0001"} 1',
    't_bucket{le="0.0025"} 1',
    't_bucket{le="0.005"} 3',
    't_bucket{le="1"} 3',
    't_bucket{le="+Inf"} 4',
    "t_sum 30.0081",
    "t_count 4",
  ]) {
    expect(lines).toContain(line);
  }
});
