import { dirname } from "node:path";
import { cyclesOf } from "./cycles.ts";
import { repeatsIn } from "./repeats.ts";
import { readSources, walk, type Counted, type Source } from "./sources.ts";

/** One line of the survey. */
export interface Figure {
  readonly what: string;
  readonly figure: string;
  readonly aim: string;
  readonly isMet: boolean;
  /** What was counted, the worst first. */
  readonly list: readonly string[];
}

/** A comment that says less than the name below it. */
const SAYS_NOTHING = /^\s*(?:\/\*\*|\*|\/\/)\s*(?:Creates|Builds|Opens|Makes|Starts) (?:it|one|them)\.\s*(?:\*\/)?$/;

const worstFirst = (all: readonly Counted[], above: number): readonly Counted[] =>
  all.filter(({ count }) => count > above).toSorted((a, b) => b.count - a.count);
const words = (all: readonly Counted[]): readonly string[] => all.map(({ where, count }) => `${count} ${where}`);

/** How many are above a size, and the largest. */
function sizes(what: string, all: readonly Counted[], above: number, aim: { many: number; largest: number }): Figure {
  const found = worstFirst(all, above);
  const largest = worstFirst(all, 0)[0]?.count ?? 0;
  return {
    what,
    figure: `${found.length} / ${largest}`,
    aim: `≤ ${aim.many} / ≤ ${aim.largest}`,
    isMet: found.length <= aim.many && largest <= aim.largest,
    list: words(found),
  };
}

/** How many of something there are. */
const count = (what: string, list: readonly string[], most: number): Figure => ({
  what,
  figure: String(list.length),
  aim: most === 0 ? "0" : `≤ ${most}`,
  isMet: list.length <= most,
  list,
});

/** Types of one name that stand for two things: one of them is exported, so that both are met in one place. */
function typesTwice(sources: readonly Source[]): readonly string[] {
  const types = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/^(export )?(?:class|interface|type) (\w+)/gm)].map(([, exported, word = ""]) => ({
      word,
      name,
      isExported: exported !== undefined,
    })),
  );
  return [...Map.groupBy(types, ({ word }) => word)]
    .filter(([, all]) => all.length > 1 && all.some(({ isExported }) => isExported))
    .map(([word, all]) => `${word}: ${all.map(({ name }) => name).join(", ")}`);
}

/** How the house stands. */
export function survey(): readonly Figure[] {
  const sources = readSources();
  const found = sources.map(walk);
  const folders = [...Map.groupBy(sources, ({ name }) => dirname(name))];
  const exported = Map.groupBy(
    sources.flatMap(({ name, text }) =>
      [...text.matchAll(/^export (?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/gm)].map(
        ([, word = ""]) => ({ word, name }),
      ),
    ),
    ({ word }) => word,
  );
  const twice = [...exported]
    .filter(([, all]) => all.length > 1)
    .map(([word, all]) => `${word}: ${all.map(({ name }) => name).join(", ")}`);
  const silent = sources.flatMap(({ name, lines }) =>
    lines.flatMap((line, i) => (SAYS_NOTHING.test(line) ? [`${name}:${i + 1}`] : [])),
  );
  const [largest] = worstFirst(
    found.flatMap(({ interfaces }) => interfaces),
    0,
  );
  return [
    count("cycles between folders (type-only included)", cyclesOf(sources), 0),
    count(
      "loose files in `src/`",
      sources.map(({ name }) => name).filter((name) => !name.includes("/")),
      4,
    ),
    count(
      "folders with more than 25 files",
      folders.filter(([, files]) => files.length > 25).map(([folder]) => folder),
      0,
    ),
    sizes(
      "files over 200 lines / longest",
      sources.map(({ name, lines }) => ({ where: name, count: lines.length })),
      200,
      { many: 5, largest: 250 },
    ),
    sizes(
      "functions over 60 lines / longest",
      found.flatMap(({ functions }) => functions),
      60,
      { many: 15, largest: 100 },
    ),
    count(
      "`!` outside numeric loops",
      found.flatMap(({ bangs }) => bangs),
      20,
    ),
    count(
      "`as`",
      found.flatMap(({ casts }) => casts),
      25,
    ),
    count("exported names defined twice", twice, 0),
    count("names of exported types that stand elsewhere for another one", typesTwice(sources), 0),
    count("comment lines that say nothing", silent, 0),
    {
      what: "members of the largest interface that has methods",
      figure: String(largest?.count ?? 0),
      aim: "≤ 12",
      isMet: (largest?.count ?? 0) <= 12,
      list: words(
        worstFirst(
          found.flatMap(({ interfaces }) => interfaces),
          12,
        ),
      ),
    },
    count("places where six or more lines stand twice", repeatsIn(sources), 0),
  ];
}
