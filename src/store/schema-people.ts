/** Step 3: what was read of a channel’s past. */
export const FEEDS: readonly string[] = [
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
];

/** Step 4: people, invitations, the audit log. */
export const PEOPLE: readonly string[] = [
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
];

/** Step 5: whose role was taken away, which numbers were given out, where the second path leads. */
export const NUMBERS: readonly string[] = [
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
];
