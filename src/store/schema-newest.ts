/** Step 6: the bridge, recordings, devices, what was heard, updates. */
export const NEWEST: readonly string[] = [
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
  // Invitations that let nobody in any more, so that their bearers can be told why.
  `CREATE TABLE ended_invitations (
    code_hash TEXT PRIMARY KEY,
    ended_as TEXT NOT NULL,
    ended_at BIGINT NOT NULL
  )`,
  // What a rule holds back: the plant says that it came, and it has not come yet.
  `ALTER TABLE alarms ADD COLUMN is_held_back INTEGER NOT NULL DEFAULT 0`,
  `CREATE INDEX alarms_held_back ON alarms (topic) WHERE is_held_back = 1`,
  // Until when an alarm was put aside, 0: until it clears; not noted before.
  `ALTER TABLE actions ADD COLUMN until_at BIGINT`,
];

/** Step 7: what is forgotten with the history. */
export const FORGETTING: readonly string[] = [
  // When a message showed its alarm last, 0: not known.
  `ALTER TABLE messages ADD COLUMN shown_at BIGINT NOT NULL DEFAULT 0`,
];

/** Step 8: what is looked for with each plot and with each call to ThingSpeak is found by an index. */
export const FINDING: readonly string[] = [
  // Neither is touched by an alarm that is only reported once more.
  `CREATE INDEX alarms_started ON alarms (started_at)`,
  `CREATE INDEX alarms_about_field ON alarms (field) WHERE field IS NOT NULL`,
  // What a broker is known to retain.
  `CREATE INDEX events_retained ON events (topic, id) WHERE is_retained = 1`,
  // Few of what waits for ThingSpeak, which may be days of it.
  `CREATE INDEX bridge_entries_called ON bridge_entries (channel_id, at) WHERE call_at IS NOT NULL`,
  `CREATE INDEX bridge_entries_points ON bridge_entries (channel_id) WHERE kind = 'point'`,
];
