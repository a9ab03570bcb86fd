// For a process whose clock is wrong: `NODE_OPTIONS=--import=…/shifted-clock.mjs`.
const Right = Date;
const aheadMs = Number(process.env["TEST_CLOCK_AHEAD_MS"]);
globalThis.Date = class extends Right {
  constructor(...values) {
    if (values.length === 0) super(Right.now() + aheadMs);
    else super(...values);
  }
  static now() {
    return Right.now() + aheadMs;
  }
};
