-- Names, identities and columns: design "Names, identities, processes". Times are seconds since 1970 UTC.

CREATE TABLE sentinel (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  vault_id BLOB NOT NULL,
  word TEXT NOT NULL
);

-- One row a transaction since the header's anchor; an old file or a cut WAL lacks the anchored row.
CREATE TABLE freshness (
  seq INTEGER PRIMARY KEY,
  nonce BLOB NOT NULL
);

CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  birth_date TEXT,
  relation TEXT,
  created_at INTEGER NOT NULL
);

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES people (id),
  kind TEXT NOT NULL CHECK (kind IN ('portal', 'files', 'own')),
  name TEXT NOT NULL,
  base_url TEXT,
  patient_id TEXT,
  connected INTEGER NOT NULL DEFAULT 1,
  needs_sign_in INTEGER NOT NULL DEFAULT 0,
  last_synced_at INTEGER,
  created_at INTEGER NOT NULL
);
CREATE INDEX sources_by_person ON sources (person);
CREATE UNIQUE INDEX one_files_source ON sources (person, kind) WHERE kind IN ('files', 'own');
CREATE UNIQUE INDEX one_connection ON sources (person, base_url, patient_id) WHERE kind = 'portal';

-- How a person's files refer to the person: a file without a Patient is compared with them.
CREATE TABLE file_patients (
  source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  reference TEXT NOT NULL,
  PRIMARY KEY (source, reference)
) WITHOUT ROWID;

CREATE TABLE grants (
  source INTEGER PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
  token_endpoint TEXT NOT NULL,
  client_id TEXT NOT NULL,
  access_token TEXT NOT NULL,
  refresh_token TEXT,
  expires_at INTEGER,
  scope TEXT NOT NULL,
  patient TEXT NOT NULL,
  fhir_user TEXT,
  refreshing INTEGER NOT NULL DEFAULT 0,
  client_auth TEXT NOT NULL DEFAULT 'none',
  client_secret TEXT,
  client_key TEXT
);

-- What bodies of codec 1 were packed with: without it they cannot be read, so it is in the vault itself.
CREATE TABLE body_dictionary (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  bytes BLOB NOT NULL
);

CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES people (id),
  source INTEGER NOT NULL REFERENCES sources (id),
  type TEXT NOT NULL,
  identity TEXT NOT NULL, -- FHIR id; else "url:" + fullUrl; else "sha256:" + hex of the content hash
  version_id TEXT,
  last_updated TEXT,
  kind TEXT NOT NULL,
  date TEXT,
  date_utc INTEGER,
  date_precision TEXT,
  zone TEXT,
  status TEXT,
  standing INTEGER NOT NULL,
  system TEXT,
  code TEXT,
  category TEXT,
  title TEXT NOT NULL,
  value_kind TEXT, -- an Observation's own value; NULL of every other type. Numbers are text, as written
  comparator TEXT,
  value TEXT,
  unit TEXT,
  unit_code TEXT,
  low TEXT,
  high TEXT,
  range_text TEXT,
  range_count INTEGER,
  interpretation TEXT,
  interpretation_text TEXT,
  method TEXT,
  absent_reason TEXT,
  content_hash BLOB NOT NULL,
  codec INTEGER NOT NULL CHECK (codec IN (0, 1)), -- vault/bodies.py
  extract_version INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  changed_at INTEGER,
  gone_at INTEGER,
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX records_by_identity ON records (source, type, identity);
-- One index answers every list: it holds all that lists, trends and "new here" filter by, so that they read no row.
CREATE INDEX records_by_kind ON records (person, kind, standing, date_utc, type, code, received_at, source);

-- What a source said before it changed its mind: the old value stays visible.
CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
  replaced_at INTEGER NOT NULL,
  version_id TEXT,
  content_hash BLOB NOT NULL,
  codec INTEGER NOT NULL CHECK (codec IN (0, 1)), -- vault/bodies.py
  body BLOB NOT NULL
);
CREATE INDEX versions_by_record ON versions (record);

-- The values of an Observation's components (1, 2, ...), as its own stands in its record's row.
CREATE TABLE observation_components (
  record INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  system TEXT,
  code TEXT,
  title TEXT NOT NULL,
  value_kind TEXT NOT NULL,
  comparator TEXT,
  value TEXT,
  unit TEXT,
  unit_code TEXT,
  low TEXT,
  high TEXT,
  range_text TEXT,
  range_count INTEGER NOT NULL,
  interpretation TEXT,
  interpretation_text TEXT,
  method TEXT,
  absent_reason TEXT,
  PRIMARY KEY (record, position)
) WITHOUT ROWID;

-- Contentless with delete; rowid = (day number << 32) | record id, so that newest first needs no join.
CREATE VIRTUAL TABLE search USING fts5 (
  text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
INSERT INTO search (search, rank) VALUES ('pgsz', 3900); -- 4050 would not fit into one of SQLCipher's pages

CREATE TABLE attachments (
  hash BLOB PRIMARY KEY, -- SHA-256 of the whole content
  size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE attachment_chunks (
  hash BLOB NOT NULL REFERENCES attachments (hash) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (hash, position)
);
CREATE TABLE record_attachments (
  record INTEGER NOT NULL REFERENCES records (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  content_type TEXT,
  title TEXT,
  url TEXT,
  inline INTEGER NOT NULL, -- 1: the bytes are inside the record itself
  hash BLOB REFERENCES attachments (hash), -- NULL where inline is 0: not received
  problem TEXT, -- why it was not received, a code
  PRIMARY KEY (record, position)
) WITHOUT ROWID;
CREATE INDEX attachments_wanted ON record_attachments (url) WHERE hash IS NULL AND inline = 0;

-- What has come of a large document whose fetching was cut; it goes on where it stopped.
CREATE TABLE attachment_parts (
  source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  position INTEGER NOT NULL,
  etag TEXT NOT NULL,
  content_type TEXT,
  bytes BLOB NOT NULL,
  PRIMARY KEY (source, url, position)
);

-- What could not be read, or is about another patient: kept with its bytes, counted, shown to nobody as a record.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES people (id),
  source INTEGER NOT NULL REFERENCES sources (id),
  reason TEXT NOT NULL,
  digest BLOB NOT NULL, -- SHA-256 of the bytes: the same rubbish twice is one row
  body BLOB NOT NULL,
  received_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX quarantine_once ON quarantine (source, digest);

CREATE TABLE ledger (
  source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  category TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  count INTEGER NOT NULL DEFAULT 0,
  new INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  last_good_at INTEGER,
  last_try_at INTEGER,
  reason TEXT,
  cursor TEXT,
  full_compare_at INTEGER,
  resume_url TEXT,
  said TEXT,
  PRIMARY KEY (source, type, category)
) WITHOUT ROWID;

-- Clinics and plans to choose a portal from, of lists that the person added.
CREATE TABLE brands (
  name TEXT NOT NULL,
  base_url TEXT NOT NULL,
  places TEXT NOT NULL,
  aliases TEXT NOT NULL,
  portal TEXT,
  website TEXT,
  words TEXT NOT NULL, -- every word of the above after a space, folded
  PRIMARY KEY (name, base_url)
) WITHOUT ROWID;

-- Records that a portal stopped showing, so many at once that the person is asked; kept: the person keeps them.
CREATE TABLE held_gone (
  source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  identity TEXT NOT NULL,
  held_at INTEGER NOT NULL,
  kept INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (source, type, identity)
) WITHOUT ROWID;

-- Pages of a pull that is not complete yet; applied a whole type at a time.
CREATE TABLE staging (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  category TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL,
  next_url TEXT,
  server_time TEXT,
  body BLOB NOT NULL,
  UNIQUE (source, type, category, url)
);

-- Clinicians, places and medicines that records of a source point to and that were not read yet.
CREATE TABLE wanted (
  source INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  type TEXT NOT NULL,
  fhir_id TEXT NOT NULL,
  PRIMARY KEY (source, type, fhir_id)
) WITHOUT ROWID;

CREATE TABLE outbox (
  id TEXT PRIMARY KEY, -- urn:uuid, also the identifier in the body
  source INTEGER NOT NULL REFERENCES sources (id),
  person INTEGER NOT NULL REFERENCES people (id),
  kind TEXT NOT NULL,
  class TEXT NOT NULL CHECK (class IN ('A', 'B', 'C', 'D')),
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  body BLOB NOT NULL,
  body_sha256 BLOB NOT NULL,
  if_match TEXT,
  if_none_exist TEXT,
  state TEXT NOT NULL CHECK (state IN ('draft', 'waiting', 'sending', 'accepted', 'rejected', 'unknown', 'expired',
    'cancelled', 'held')),
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  expires_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  last_status INTEGER,
  last_error TEXT,
  server_id TEXT,
  server_version TEXT,
  depends_on TEXT REFERENCES outbox (id)
) WITHOUT ROWID;

-- Occurrences: the truth of what was planned, delivered, missed and acknowledged.
CREATE TABLE reminders (
  id TEXT PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES people (id),
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  lead TEXT NOT NULL,
  at INTEGER NOT NULL,
  title TEXT NOT NULL,
  evidence TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'delivered', 'missed', 'acknowledged', 'withdrawn')),
  delivered_at INTEGER,
  delivered_by TEXT,
  early INTEGER NOT NULL DEFAULT 0 -- 1: told by a clock that stood ahead; at its time another one is told
);
CREATE INDEX reminders_due ON reminders (state, at);
CREATE INDEX reminders_early ON reminders (id) WHERE early = 1;

-- Each time that an alarm rang again after its reminder was delivered: once for each number.
CREATE TABLE rings (
  reminder TEXT NOT NULL REFERENCES reminders (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  rung_at INTEGER NOT NULL,
  PRIMARY KEY (reminder, number)
) WITHOUT ROWID;

-- What a person wants to be reminded of beside medicines and visits; an edit is a new row, the former one ended.
CREATE TABLE own_reminders (
  id TEXT PRIMARY KEY, -- urn:uuid
  person INTEGER NOT NULL REFERENCES people (id),
  kind TEXT NOT NULL CHECK (kind IN ('measurement', 'test', 'vaccine')),
  title TEXT NOT NULL,
  rhythm TEXT NOT NULL, -- vault/rhythms.py
  first_day TEXT NOT NULL,
  last_day TEXT,
  made_at INTEGER NOT NULL,
  ended_at INTEGER,
  planned_until INTEGER -- everything due from `made_at` to before this has its reminder
) WITHOUT ROWID;
CREATE INDEX own_reminders_of_person ON own_reminders (person);

-- What the person said about a medicine of the derived list; beside the sources' rows, never in them.
CREATE TABLE medicine_choices (
  person INTEGER NOT NULL REFERENCES people (id),
  key TEXT NOT NULL,
  choice TEXT NOT NULL CHECK (choice IN ('take', 'do-not-take')),
  chosen_at INTEGER NOT NULL,
  PRIMARY KEY (person, key)
) WITHOUT ROWID;

-- Two lines of the medicine list of which the person said that they are one medicine, or that they are not.
CREATE TABLE medicine_pairs (
  person INTEGER NOT NULL REFERENCES people (id),
  one TEXT NOT NULL, -- the lesser key of the two
  other TEXT NOT NULL,
  same INTEGER NOT NULL,
  said_at INTEGER NOT NULL,
  PRIMARY KEY (person, one, other)
) WITHOUT ROWID;

-- What the person noted of a medicine's refills; under the key '' what holds for all of them.
CREATE TABLE refill_notes (
  person INTEGER NOT NULL REFERENCES people (id),
  key TEXT NOT NULL,
  runs_out TEXT,
  pays_from TEXT, -- the earliest day on which the plan pays
  mail_order INTEGER NOT NULL DEFAULT 0,
  closed TEXT, -- days of the week on which the pharmacy is closed: "56", Monday 0
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (person, key)
) WITHOUT ROWID;

-- What a person takes of a medicine and when, as confirmed; an edit is a new row, the former one ended.
CREATE TABLE schedules (
  id TEXT PRIMARY KEY, -- urn:uuid
  person INTEGER NOT NULL REFERENCES people (id),
  medicine TEXT NOT NULL, -- key of the line of the medicine list
  title TEXT NOT NULL,
  unit TEXT NOT NULL,
  rhythm TEXT NOT NULL, -- vault/rhythms.py
  first_day TEXT NOT NULL,
  last_day TEXT,
  zone TEXT,
  instructions TEXT NOT NULL,
  grace INTEGER NOT NULL, -- minutes
  paused INTEGER NOT NULL DEFAULT 0,
  confirmed_at INTEGER NOT NULL,
  ended_at INTEGER,
  plans_from INTEGER NOT NULL, -- no dose due before it gets a row: when it was confirmed, or went on after a pause
  planned_until INTEGER, -- every dose due from then to before this has a row
  planned_zone TEXT -- by whose clocks it was planned so far; NULL: it has to be planned anew
) WITHOUT ROWID;
CREATE INDEX schedules_of_medicine ON schedules (person, medicine);

-- The records that a schedule was confirmed from, as they were then.
CREATE TABLE schedule_basis (
  schedule TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  record INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  PRIMARY KEY (schedule, record)
) WITHOUT ROWID;

-- Doses: planned ones and what became of them, and extra ones (no due).
CREATE TABLE doses (
  id TEXT PRIMARY KEY,
  schedule TEXT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  person INTEGER NOT NULL REFERENCES people (id),
  due INTEGER,
  moved INTEGER NOT NULL DEFAULT 0, -- 1: the person moved it, planning does not
  day TEXT NOT NULL,
  amount TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'taken', 'skipped', 'unsure', 'withdrawn')),
  snoozed_until INTEGER,
  taken_at INTEGER,
  given_by TEXT,
  reason TEXT,
  noted_at INTEGER,
  told_at INTEGER, -- NULL: nobody was reminded of it, as it is due or snoozed to now
  told_early INTEGER NOT NULL DEFAULT 0 -- by a clock that stood ahead: each time it is told anew at its time
);
CREATE INDEX doses_by_time ON doses (person, state, due);
CREATE INDEX doses_of_schedule ON doses (schedule, due);
CREATE INDEX doses_told ON doses (told_at) WHERE state = 'planned' AND told_at IS NOT NULL;

-- What is left of a medicine: counted by the person, less what was taken since.
CREATE TABLE stock (
  person INTEGER NOT NULL REFERENCES people (id),
  medicine TEXT NOT NULL,
  unit TEXT NOT NULL,
  left_over TEXT NOT NULL,
  counted_at INTEGER NOT NULL,
  low_at TEXT,
  pack TEXT,
  expires TEXT,
  PRIMARY KEY (person, medicine)
) WITHOUT ROWID;

-- What a person wants in a calendar file, which is not encrypted, and where it is kept up to date.
CREATE TABLE calendar_choices (
  person INTEGER PRIMARY KEY REFERENCES people (id),
  kinds TEXT NOT NULL, -- "dose refill visit"
  full_words INTEGER NOT NULL,
  file TEXT,
  written_at INTEGER,
  failure TEXT
);

-- What was written into calendar files: a change of an entry raises its sequence.
CREATE TABLE calendar_entries (
  uid TEXT PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES people (id),
  kind TEXT NOT NULL,
  item TEXT NOT NULL, -- domain/calendars.py, CalendarItem as JSON
  sequence INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX calendar_entries_of_person ON calendar_entries (person, kind);

-- Records that the person opened: "new here" ends with it.
CREATE TABLE opened (
  record INTEGER PRIMARY KEY REFERENCES records (id) ON DELETE CASCADE,
  at INTEGER NOT NULL
);

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
