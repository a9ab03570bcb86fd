/** One process, as it presents itself. */
export interface Me {
  /** The name of its sessions at the server, one of its own for each run. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** The newest schema that it knows. */
  readonly schema: number;
  /** What tells this control room from another: those who stand by for each other have the same. */
  readonly settings: string;
}

/** A process, as the others see it. */
export interface Process extends Omit<Me, "settings"> {
  readonly isActive: boolean;
  /** When it was heard last; epoch ms of the server. */
  readonly seenAt: number;
  /** Whether that is no longer ago than it should be. */
  readonly isHeard: boolean;
  /** Whether one that has started since takes its place. */
  readonly isReplaced: boolean;
}

/** How a lease came to its holder. */
export interface TakeOver {
  /** Epoch ms of the server. */
  readonly at: number;
  /** Who had it before; `null`: nobody, as far as is known. */
  readonly from: { readonly host: string; readonly pid: number } | null;
  /** When that one was heard last; epoch ms of the server. */
  readonly heardAt: number | null;
  /** Whether that one handed it over; if not, it fell silent. */
  readonly isHandedOver: boolean;
  /** Whether nobody stood by for that one: then it is a start anew. */
  readonly wasAlone: boolean;
}

/** How things stand at the server. */
export interface Standing {
  /** By its clock; epoch ms. */
  readonly now: number;
  /** `null`: nobody had it yet. */
  readonly lease: {
    /** Of whom, in words. */
    readonly holder: string;
    /** By the server’s clock; 0 or less: it is over. */
    readonly remainingMs: number;
    readonly settings: string;
    /** Of the tables as they are, and not as its holder would have them. */
    readonly schema: number;
  } | null;
  /** All who were heard lately, the one that asks first. */
  readonly processes: readonly Process[];
}

/** Where the lease is, on a session of its own; whatever fails, the next call opens another. */
export interface LeaseTable {
  /** Says that we are there, and looks around. */
  look(me: Me, as: "active" | "standby"): Promise<Standing>;
  /** Takes the lease if it is over or was never given; `null`: somebody was quicker. */
  claim(me: Me): Promise<{ readonly term: number; readonly takeOver: TakeOver } | null>;
  /** @returns whether nobody else is there; `null`: the lease is not ours any more */
  renew(me: Me, term: number): Promise<{ readonly isAlone: boolean } | null>;
  /** Takes leave; with a term, the lease is over at once. */
  leave(me: Me, term: number | null): Promise<void>;
  close(): Promise<void>;
}
