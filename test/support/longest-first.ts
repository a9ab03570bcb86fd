import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Those of which one begun last would be waited for alone. */
const LONGEST = [
  "proof/take-over",
  "proof/thesis",
  "proof/postgres",
  "proof/frozen",
  "proof/access-list",
  "proof/survive",
  "proof/next-broker",
  "fuzz/turns",
  "e2e/plots",
].map((name) => `test/${name}.test.ts`);

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
  return place < 0 ? LONGEST.length : place;
};

/** Files as vitest orders them: by how long they took when they ran last. A fresh copy knows no such times; there the longest are first too. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
