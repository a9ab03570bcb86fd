import { ConfigError } from "../lib/errors.ts";
import type { Database } from "./sql/database.ts";
import { countOn } from "./sql/numbers.ts";

/**
 * The tables, as steps from one schema version to the next; a step that was released is never changed.
 * Types are PostgreSQL's; SQLite takes them and stores integers, reals, texts and bytes. `INTEGER PRIMARY KEY` spares SQLite
 * an index; in PostgreSQL it holds two thousand million rows. What is a comment to SQLite, PostgreSQL is told in its own words: see
 * statements.ts.
 */
const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE alarms (
      id INTEGER PRIMARY KEY,
      alarm_key TEXT NOT NULL UNIQUE,
      topic TEXT NOT NULL,
      source TEXT,
      message TEXT NOT NULL,
      severity INTEGER NOT NULL,
      peak_severity INTEGER NOT NULL,
      state TEXT NOT NULL,
      is_cleared_by_plant INTEGER NOT NULL,
      value DOUBLE PRECISION,
      unit TEXT,
      limit_value DOUBLE PRECISION,
      field INTEGER,
      occurrence INTEGER NOT NULL,
      event_count INTEGER NOT NULL,
      started_at BIGINT NOT NULL,
      last_at BIGINT NOT NULL,
      last_received_at BIGINT NOT NULL,
      cleared_at BIGINT,
      acknowledged_by TEXT,
      acknowledged_at BIGINT,
      version BIGINT NOT NULL
    ) /* rows change often */`,
    `CREATE INDEX alarms_standing ON alarms (severity DESC, started_at DESC) WHERE state = 'active'`,
    `CREATE INDEX alarms_active ON alarms (topic, source, field) WHERE state = 'active'`,
    `CREATE TABLE events (
      id INTEGER PRIMARY KEY,
      alarm_id BIGINT NOT NULL,
      dedupe_key TEXT UNIQUE,
      topic TEXT NOT NULL,
      payload BYTEA NOT NULL,
      is_retained INTEGER NOT NULL,
      received_at BIGINT NOT NULL,
      occurred_at BIGINT,
      severity INTEGER NOT NULL,
      state TEXT,
      value DOUBLE PRECISION
    )`,
    `CREATE INDEX events_by_alarm ON events (alarm_id, id)`,
    `CREATE TABLE cards (
      alarm_id BIGINT NOT NULL,
      chat_id BIGINT NOT NULL,
      message_id BIGINT,
      outdated_message_id BIGINT,
      version BIGINT NOT NULL,
      occurrence INTEGER NOT NULL,
      rung_severity INTEGER NOT NULL,
      is_pending INTEGER NOT NULL,
      pending_rank INTEGER NOT NULL,
      pending_since BIGINT NOT NULL,
      attempts INTEGER NOT NULL,
      retry_at BIGINT NOT NULL,
      refusal TEXT,
      PRIMARY KEY (alarm_id, chat_id)
    ) /* rows change often */`,
    `CREATE INDEX cards_pending ON cards (chat_id, pending_rank DESC, pending_since, alarm_id) WHERE is_pending = 1`,
    `CREATE INDEX cards_refused ON cards (chat_id) WHERE refusal IS NOT NULL`,
    `CREATE TABLE decisions (
      id INTEGER PRIMARY KEY,
      alarm_id BIGINT NOT NULL,
      chat_id BIGINT NOT NULL,
      decided_at BIGINT NOT NULL,
      version BIGINT NOT NULL,
      reason TEXT NOT NULL,
      action TEXT NOT NULL,
      result TEXT NOT NULL
    )`,
    `CREATE TABLE actions (
      id INTEGER PRIMARY KEY,
      alarm_id BIGINT NOT NULL,
      acted_at BIGINT NOT NULL,
      occurrence INTEGER NOT NULL,
      user_id BIGINT NOT NULL,
      person TEXT NOT NULL,
      action TEXT NOT NULL
    )`,
    `CREATE INDEX actions_by_alarm ON actions (alarm_id, id)`,
    `CREATE INDEX decisions_by_card ON decisions (alarm_id, chat_id, id)`,
    `CREATE TABLE chats (chat_id INTEGER PRIMARY KEY, time_zone TEXT, migrated_to BIGINT)`,
    `CREATE TABLE dialogues (dialogue_key TEXT PRIMARY KEY, content TEXT NOT NULL)`,
  ],
  [
    `CREATE TABLE slots (topic TEXT PRIMARY KEY, alarm_key TEXT NOT NULL, message_key TEXT NOT NULL)`,
    // One route that an admin wrote in a chat, as JSON.
    `CREATE TABLE routes (id INTEGER PRIMARY KEY, content TEXT NOT NULL)`,
    `CREATE TABLE outbox (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      target TEXT NOT NULL,
      payload TEXT NOT NULL,
      is_retained INTEGER NOT NULL,
      created_at BIGINT NOT NULL
    )`,
    `CREATE TABLE heartbeats (name TEXT PRIMARY KEY, last_at BIGINT NOT NULL, interval_ms DOUBLE PRECISION)`,
    // What people and time did to an alarm, as JSON: no query looks into it but by the columns beside it.
    `ALTER TABLE alarms ADD COLUMN course TEXT NOT NULL DEFAULT '{}'`,
    `ALTER TABLE alarms ADD COLUMN is_shelved INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE alarms ADD COLUMN due_at BIGINT`,
    `ALTER TABLE alarms ADD COLUMN second_path_at BIGINT`,
    `CREATE INDEX alarms_due ON alarms (due_at) WHERE due_at IS NOT NULL`,
    `CREATE INDEX alarms_shelved ON alarms (id) WHERE is_shelved = 1`,
    `ALTER TABLE cards ADD COLUMN outdated_messages TEXT NOT NULL DEFAULT '[]'`,
    `UPDATE cards SET outdated_messages = '[' || outdated_message_id || ']' WHERE outdated_message_id IS NOT NULL`,
    `ALTER TABLE cards DROP COLUMN outdated_message_id`,
    `ALTER TABLE cards ADD COLUMN thread_id BIGINT`,
    `ALTER TABLE cards ADD COLUMN board_id BIGINT`,
    `ALTER TABLE cards ADD COLUMN rings INTEGER NOT NULL DEFAULT 1`,
    `ALTER TABLE cards ADD COLUMN rung INTEGER NOT NULL DEFAULT 1`,
    `ALTER TABLE cards ADD COLUMN ring_reason TEXT NOT NULL DEFAULT 'first'`,
    `ALTER TABLE cards ADD COLUMN rang_at BIGINT NOT NULL DEFAULT 0`,
    `ALTER TABLE cards ADD COLUMN saying TEXT`,
    // What was to ring under the old columns still is.
    `UPDATE cards SET rung = 0, ring_reason = 'returned' WHERE is_pending = 1 AND pending_rank >= 10`,
    `ALTER TABLE cards DROP COLUMN occurrence`,
    `ALTER TABLE cards DROP COLUMN rung_severity`,
    `CREATE INDEX cards_rang ON cards (chat_id, rang_at)`,
    `CREATE INDEX cards_on_board ON cards (board_id) WHERE board_id IS NOT NULL`,
    `CREATE INDEX cards_undelivered ON cards (pending_since) WHERE is_pending = 1 AND pending_rank >= 13`,
    `CREATE TABLE boards (
      id INTEGER PRIMARY KEY,
      chat_id BIGINT NOT NULL,
      thread_id BIGINT,
      kind TEXT NOT NULL,
      opened_at BIGINT NOT NULL,
      closed_at BIGINT,
      message_id BIGINT,
      page INTEGER NOT NULL,
      changes BIGINT NOT NULL,
      shown_changes BIGINT NOT NULL,
      show_at BIGINT NOT NULL,
      attempts INTEGER NOT NULL
    )`,
    `CREATE INDEX boards_open ON boards (chat_id) WHERE closed_at IS NULL`,
    `CREATE INDEX boards_changed ON boards (chat_id) WHERE changes > shown_changes`,
    // Which alarm a message of ours is about, so that an answer to it finds its way.
    `CREATE TABLE messages (
      chat_id BIGINT NOT NULL,
      message_id BIGINT NOT NULL,
      alarm_id BIGINT NOT NULL,
      PRIMARY KEY (chat_id, message_id)
    )`,
    `CREATE TABLE facts (name TEXT PRIMARY KEY, content TEXT NOT NULL)`,
    `ALTER TABLE actions ADD COLUMN words TEXT`,
    `ALTER TABLE actions ADD COLUMN photo TEXT`,
    `ALTER TABLE chats ADD COLUMN quiet_hours TEXT`,
  ],
  [
    // What was read of a channel's past.
    `CREATE TABLE feed_blocks (
      channel TEXT NOT NULL,
      field INTEGER NOT NULL,
      start_at BIGINT NOT NULL,
      end_at BIGINT NOT NULL,
      entries BYTEA NOT NULL,
      bytes BIGINT NOT NULL,
      kept_at BIGINT NOT NULL,
      PRIMARY KEY (channel, field, start_at)
    )`,
    `ALTER TABLE cards ADD COLUMN is_picture_due INTEGER NOT NULL DEFAULT 0`,
  ],
  [
    // Everybody whom the audit log names, by number: forgotten, the number stays and the rest goes.
    `CREATE TABLE people (
      id INTEGER PRIMARY KEY,
      user_id BIGINT UNIQUE,
      name TEXT,
      role TEXT,
      joined_at BIGINT,
      last_seen_at BIGINT NOT NULL
    )`,
    `CREATE TABLE invitations (
      id INTEGER PRIMARY KEY,
      code_hash TEXT NOT NULL UNIQUE,
      role TEXT NOT NULL,
      invited_by BIGINT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    `CREATE TABLE audit (
      id INTEGER PRIMARY KEY,
      noted_at BIGINT NOT NULL,
      person_id BIGINT,
      group_id BIGINT,
      action TEXT NOT NULL,
      details TEXT NOT NULL,
      result TEXT NOT NULL
    )`,
    `CREATE INDEX audit_by_time ON audit (noted_at)`,
    // Chats that get alarms since somebody said so there.
    `ALTER TABLE chats ADD COLUMN joined_at BIGINT`,
  ],
  [
    // Whose role was taken away: epoch ms. Those who joined and have none lost it; when is not known.
    `ALTER TABLE people ADD COLUMN removed_at BIGINT`,
    `UPDATE people SET removed_at = last_seen_at WHERE role IS NULL AND joined_at IS NOT NULL`,
    // The highest number of each kind that was given out: what had it may be forgotten, and its number is not given to another.
    `CREATE TABLE numbers (name TEXT PRIMARY KEY, last_number BIGINT NOT NULL)`,
    // The number of the event with which an alarm came, or got worse, last: what is shown later than that showed it.
    `ALTER TABLE alarms ADD COLUMN risen_with BIGINT NOT NULL DEFAULT 0`,
    // The change of its board with which a card came to it: what the board showed before did not show it.
    `ALTER TABLE cards ADD COLUMN board_change BIGINT NOT NULL DEFAULT 0`,
    // Where the second path leads is a setting, and may be a secret: a new table, so that nothing of the old one stays in the file.
    `CREATE TABLE waiting (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      target TEXT NOT NULL,
      payload TEXT NOT NULL,
      is_retained INTEGER NOT NULL,
      created_at BIGINT NOT NULL,
      alarm_id BIGINT,
      occurrence INTEGER
    )`,
    `INSERT INTO waiting (id, kind, target, payload, is_retained, created_at)
     SELECT id, CASE WHEN kind = 'https' THEN 'secondUrl' ELSE kind END, CASE WHEN kind = 'https' THEN '' ELSE target END,
       payload, is_retained, created_at FROM outbox`,
    `DROP TABLE outbox`,
    `ALTER TABLE waiting RENAME TO outbox`,
    // Information without a state happened, and is not active: severity 0 is info.
    `UPDATE alarms SET state = 'cleared', is_shelved = 0, due_at = NULL
     WHERE state = 'active' AND severity = 0 AND peak_severity = 0 AND is_cleared_by_plant = 0`,
  ],
  [
    // What is on its way to ThingSpeak: an entry waits under a second of its own until its channel has it.
    `CREATE TABLE bridge_channels (
      channel_id BIGINT PRIMARY KEY,
      last_at BIGINT NOT NULL,
      called_at BIGINT,
      result TEXT,
      failures INTEGER NOT NULL,
      next_at BIGINT NOT NULL,
      parked TEXT,
      year INTEGER NOT NULL,
      taken BIGINT NOT NULL
    )`,
    `CREATE TABLE bridge_entries (
      channel_id BIGINT NOT NULL,
      at BIGINT NOT NULL,
      kind TEXT NOT NULL,
      cells TEXT NOT NULL,
      call_at BIGINT,
      PRIMARY KEY (channel_id, at)
    )`,
    `CREATE TABLE bridge_points (
      channel_id BIGINT PRIMARY KEY,
      at BIGINT NOT NULL,
      is_dated INTEGER NOT NULL,
      cells TEXT NOT NULL
    )`,
    `CREATE TABLE bridge_bad (
      id INTEGER PRIMARY KEY,
      topic TEXT NOT NULL,
      payload BYTEA NOT NULL,
      received_at BIGINT NOT NULL,
      problem TEXT NOT NULL
    )`,
    `CREATE TABLE bridge_receipts (position BIGINT PRIMARY KEY, receipt TEXT NOT NULL)`,
    // What is measured, kept here: journaled as it comes, then in blocks of one series and one day each.
    `CREATE TABLE recording_series (
      id INTEGER PRIMARY KEY,
      device TEXT NOT NULL,
      member TEXT NOT NULL,
      UNIQUE (device, member)
    )`,
    `CREATE TABLE recording_journal (id BIGINT PRIMARY KEY, entries BYTEA NOT NULL)`,
    `CREATE TABLE recording_blocks (
      id BIGINT PRIMARY KEY,
      series_id BIGINT NOT NULL,
      kind INTEGER NOT NULL,
      start_at BIGINT NOT NULL,
      end_at BIGINT NOT NULL,
      day_at BIGINT NOT NULL,
      entry_count BIGINT NOT NULL,
      bytes BIGINT NOT NULL,
      is_summed INTEGER NOT NULL,
      entries BYTEA NOT NULL
    )`,
    `CREATE INDEX recording_blocks_by_time ON recording_blocks (series_id, kind, start_at)`,
    `CREATE INDEX recording_blocks_unsummed ON recording_blocks (series_id, day_at) WHERE kind = 0 AND is_summed = 0`,
    // How much there is, and what is to go first, without a look at what is in them.
    `CREATE INDEX recording_blocks_by_size ON recording_blocks (kind, is_summed, start_at, day_at, bytes, entry_count, id)`,
    // Members of devices, numbered from 101 on as plots and buttons name them.
    `CREATE TABLE members (
      number INTEGER PRIMARY KEY,
      root TEXT NOT NULL,
      group_name TEXT NOT NULL,
      path TEXT NOT NULL,
      label TEXT NOT NULL,
      unit TEXT,
      decimals INTEGER,
      is_open INTEGER NOT NULL,
      UNIQUE (root, group_name, path)
    )`,
    // When somebody was told of an alarm first, 0: not known; when somebody heard its newest ring, and which ring nobody has heard yet.
    `ALTER TABLE alarms ADD COLUMN told_at BIGINT DEFAULT 0`,
    `ALTER TABLE alarms ADD COLUMN heard_at BIGINT`,
    `ALTER TABLE alarms ADD COLUMN owed_ring TEXT`,
    // What came and went, and nobody has acknowledged; what did so before this was noted is history.
    `ALTER TABLE alarms ADD COLUMN is_returned INTEGER NOT NULL DEFAULT 0`,
    `CREATE INDEX alarms_returned ON alarms (peak_severity DESC, started_at DESC) WHERE is_returned = 1`,
    // The id of its delivery: tells two messages that look alike from one that is delivered twice.
    `ALTER TABLE events ADD COLUMN packet_id INTEGER`,
    // Answers of ours that have buttons: a press below a message that nobody knows names by its number what may be something else by now.
    `CREATE TABLE answers (
      chat_id BIGINT NOT NULL,
      message_id BIGINT NOT NULL,
      sent_at BIGINT NOT NULL,
      PRIMARY KEY (chat_id, message_id)
    )`,
    // What people wrote and pressed, as Telegram handed it over, until it is answered; then only that it was.
    `CREATE TABLE updates (
      update_id BIGINT PRIMARY KEY,
      taken_at BIGINT NOT NULL,
      tries INTEGER NOT NULL,
      content TEXT,
      caused TEXT
    )`,
    // Which of them asked for it, so that it is not done twice.
    `ALTER TABLE actions ADD COLUMN update_id BIGINT`,
    // Which of them a dialogue took last, and what it was before that; '' is one that is over.
    `ALTER TABLE dialogues ADD COLUMN update_id BIGINT`,
    `ALTER TABLE dialogues ADD COLUMN former TEXT NOT NULL DEFAULT ''`,
  ],
];

/** The newest that this version knows. */
export const NEWEST_SCHEMA = STEPS.length;

/**
 * Brings a database to the newest schema.
 * @param target for tests of what an older Valvomo left: the schema of that one
 * @returns whether it was an older Valvomo's
 * @throws ConfigError if a newer Valvomo has written it
 */
export async function migrate(database: Database, target = STEPS.length): Promise<boolean> {
  return database.migration(async (queries) => {
    await queries.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const rows = await queries.all<{ version: number }>("SELECT version FROM schema_version");
    const version = rows[0]?.version ?? 0;
    if (version > STEPS.length) {
      throw new ConfigError([
        `DATABASE_URL: the database has schema ${version}, this Valvomo knows ${STEPS.length}: start the newer Valvomo, or restore a backup.`,
      ]);
    }
    for (const sql of STEPS.slice(version, target).flat()) await queries.run(sql);
    await queries.run("DELETE FROM schema_version");
    await queries.run("INSERT INTO schema_version (version) VALUES ($1)", target);
    if (target === STEPS.length) await countOn(queries);
    return version > 0 && version < target;
  });
}
