import type { Telegram } from "./telegram/server.ts";
import type { ThingSpeakServer } from "./thingspeak/server.ts";
import type { DemoBroker } from "./broker.ts";
import type { ThingsToTry } from "./telegram/tries.ts";
import type { SimulatedPlant } from "../simulator/plant.ts";

const AWAY_MS = 30_000;
/** A plot and a look at the newest values ask a few times. */
const REFUSED = 20;

/** What is said first: what comes by itself within the next minutes, and what to press. */
const ABOUT = [
  "The plant has its troubles within seven minutes: a sensor goes silent after some seconds, the coil gets too hot after a minute, the rotor touches its limit, and all of it comes back.",
  "Press Acknowledge, Shelve… or Why? on a card. Get Figure draws the last week. Status says whether all is alive, Help what else there is.",
  "Or cause a trouble yourself, and see what comes of it:",
] as const;

/** The troubles of the demo that somebody can cause by a press, each of a real part. */
export function triesOf(parts: {
  readonly plant: Pick<SimulatedPlant, "command">;
  readonly broker: Pick<DemoBroker, "pause">;
  readonly thingspeak: Pick<ThingSpeakServer, "fault">;
  readonly telegram: Pick<Telegram, "fault">;
}): ThingsToTry {
  const { plant, broker, thingspeak, telegram } = parts;
  const ofPlant = (label: string, command: string) => ({ label, cause: async () => plant.command(command) });
  return {
    about: ABOUT,
    causes: [
      ofPlant("Overheat the coil", "overheat"),
      ofPlant("Break a sensor", "sensor dead"),
      ofPlant("Trip the drive", "trip"),
      ofPlant("Mend the machine", "calm"),
      {
        label: "Stop the broker, 30 s",
        async cause() {
          await broker.pause(AWAY_MS);
          return "The broker is away for 30 s. What the plant says meanwhile comes afterwards.";
        },
      },
      {
        label: "ThingSpeak fails",
        async cause() {
          thingspeak.fault({ kind: "status", status: 503 }, REFUSED);
          return `ThingSpeak answers the next ${REFUSED} requests with an error: try Get Figure.`;
        },
      },
      {
        label: "Telegram fails, 30 s",
        async cause() {
          const lift = telegram.fault({ method: "*", times: Infinity, failure: "html" });
          setTimeout(lift, AWAY_MS).unref();
          return "Telegram answers nothing for 30 s. Cards and answers come afterwards; what is critical first.";
        },
      },
    ],
  };
}
