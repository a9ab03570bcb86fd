import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync, Visitor, type Comment, type Node, type Program } from "oxc-parser";

const SRC = join(import.meta.dirname, "..", "src");

/** A file of `src/`, by its path there. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly program: Program;
  readonly comments: readonly Comment[];
  /** The files of `src/` that it imports, also for a type only. */
  readonly imports: readonly string[];
}

/** Reads all files of `src/`, but the page that runs in a browser. */
export function readSources(): readonly Source[] {
  return globSync("**/*.ts", { cwd: SRC })
    .toSorted()
    .map((name) => {
      const text = readFileSync(join(SRC, name), "utf8");
      const { program, comments } = parseSync(name, text);
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) =>
        relative(SRC, join(SRC, dirname(name), path)),
      );
      return { name, text, lines: text.trimEnd().split("\n"), program, comments, imports };
    });
}

/** A name or place in a file, and how many of something are there. */
export interface Counted {
  readonly where: string;
  readonly count: number;
}

/** What a walk through one file's syntax finds. */
export interface Found {
  /** With their lines. */
  readonly functions: readonly Counted[];
  /** Those that somebody calls, with their members; records of data and of options have as many fields as there are things to say. */
  readonly interfaces: readonly Counted[];
  /** `!` where no numeric loop has bounded an index. */
  readonly bangs: readonly string[];
  /** `as`, but `as const`. */
  readonly casts: readonly string[];
}

const isFunction = (member: Node): boolean =>
  member.type === "TSPropertySignature" && member.typeAnnotation?.typeAnnotation.type === "TSFunctionType";

/** Walks through a file's syntax. */
export function walk({ name, text, program }: Source): Found {
  const functions: Counted[] = [];
  const interfaces: Counted[] = [];
  const [bangs, casts]: [string[], string[]] = [[], []];
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const at = ({ start }: Node): string => `${name}:${lineOf(start)}`;
  const noteFunction = (node: Node): void => {
    functions.push({ where: at(node), count: lineOf(node.end) - lineOf(node.start) + 1 });
  };
  let loops = 0;
  new Visitor({
    FunctionDeclaration: noteFunction,
    FunctionExpression: noteFunction,
    ArrowFunctionExpression: noteFunction,
    ForStatement: () => void (loops += 1),
    "ForStatement:exit": () => void (loops -= 1),
    TSNonNullExpression(node) {
      const { expression } = node;
      if (loops === 0 || expression.type !== "MemberExpression" || !expression.computed) bangs.push(at(node));
    },
    TSAsExpression(node) {
      const { start, end } = node.typeAnnotation;
      if (text.slice(start, end) !== "const") casts.push(at(node));
    },
    TSInterfaceDeclaration(node) {
      const { body } = node.body;
      const methods = body.filter(({ type }) => type === "TSMethodSignature").length;
      const handedOn = body.filter(isFunction).length;
      // What may be handed on is a property; options have some of those, too.
      if (methods > 0 || handedOn * 2 > body.length)
        interfaces.push({ where: `${name} ${node.id.name}`, count: body.length });
    },
  }).visit(program);
  return { functions, interfaces, bangs, casts };
}
