/**
 * The names of properties that the minified bundles shorten: private members (`$name`), and what the rooms call each other. `check-names.mjs` sees to it that none of them is public or stands on the wire.
 */

const PORTS = "on(?:Session|Mux|Link|Connection|Reconnect)[A-Z]\\w*";

const OBSERVERS = "on(?:UserError|AckResult|Expired|Packet|PacketCreate|Flush|Drain|Heartbeat|Upgrad\\w+)";

const OTHERS = [
  "abandon",
  "backoff",
  "begin",
  "beginUpgrade",
  "closeTimeout",
  "codec",
  "createDecoder",
  "createHeartbeat",
  "deadlines",
  "decodeHandshake",
  "encodeHandshake",
  "errorFirst",
  "garbageReason",
  "expectOpen",
  "expire",
  "maxAttempts",
  "mayUpgradeTo",
  "observer",
  "revision",
  "sendPacket",
  "sessionClosed",
  "succeed",
  "synchronous",
  "takePackets",
  "proceed",
  "upgradeTimeout",
  "upgradeTo",
  "withError",
];

export const SHORTENED = new RegExp(`^(?:\\$.*|${[PORTS, OBSERVERS, ...OTHERS].join("|")})$`);
