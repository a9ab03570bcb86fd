import type { SeriesRow, SeriesTable } from "../store/recordings/types.ts";

/** What is recorded under one name: a device and a member of its values, or `channel 417` and `field1`. */
export interface SeriesKey {
  readonly device: string;
  readonly member: string;
}

/** Many more than a plant has, and few enough to be kept in mind. */
const MAX_SERIES = 10_000;
const MAX_NAME = 500;

/** The numbers under which series stand in the store. */
export class SeriesNames {
  readonly #ids = new Map<string, number>();
  readonly #keys: SeriesKey[] = [];
  /** Those that the store does not know yet, by number. */
  readonly #fresh = new Map<number, SeriesKey>();
  #nextId = 1;

  constructor(known: readonly SeriesRow[]) {
    for (const { id, device, member } of known) {
      this.#add(id, { device, member });
      this.#nextId = Math.max(this.#nextId, id + 1);
    }
  }

  /** Every series that ever had an entry. */
  all(): readonly SeriesKey[] {
    return [...this.#keys];
  }

  ids(): Iterable<number> {
    return this.#ids.values();
  }

  /** `undefined`: it never had an entry. */
  idOf(key: SeriesKey): number | undefined {
    return this.#ids.get(nameOf(key));
  }

  /** The number of a series, also of a new one. @returns `null` for one too many, or too long a name: names come from outside */
  claim({ device, member }: SeriesKey): number | null {
    const key = { device, member };
    const known = this.idOf(key);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_SERIES || nameOf(key).length > MAX_NAME) return null;
    const id = this.#nextId++;
    this.#add(id, key);
    this.#fresh.set(id, key);
    return id;
  }

  /** Tells the store of new ones. */
  async save(table: Pick<SeriesTable, "add">): Promise<void> {
    for (const [id, key] of this.#fresh) {
      await table.add({ id, ...key });
      this.#fresh.delete(id);
    }
  }

  #add(id: number, key: SeriesKey): void {
    this.#ids.set(nameOf(key), id);
    this.#keys.push(key);
  }
}

const nameOf = ({ device, member }: SeriesKey): string => `${device}\0${member}`;
