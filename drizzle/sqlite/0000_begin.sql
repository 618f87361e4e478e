CREATE TABLE `access_grants` (
	`organization` text NOT NULL,
	`id` text NOT NULL,
	`issuer` text NOT NULL,
	`kind` text NOT NULL,
	`holder` text NOT NULL,
	`membership` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `access_grants_by_holder` ON `access_grants` (`issuer`,`kind`,`holder`);--> statement-breakpoint
CREATE TABLE `addresses` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`text` text NOT NULL,
	`address` blob,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `addresses_by_text` ON `addresses` (`organization`,`text`);--> statement-breakpoint
CREATE INDEX `addresses_by_address` ON `addresses` (`organization`,`address`);--> statement-breakpoint
CREATE TABLE `directory` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`sort_name` text NOT NULL,
	`searched` text NOT NULL,
	`created_at` integer,
	`details` text NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event_ids` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`sequence` integer NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `events` (
	`organization` integer NOT NULL,
	`sequence` integer NOT NULL,
	`created_at` integer NOT NULL,
	`id` blob NOT NULL,
	`series` integer NOT NULL,
	`resource` integer NOT NULL,
	`address` integer NOT NULL,
	`kind` integer NOT NULL,
	`recorded_ms` integer NOT NULL,
	PRIMARY KEY(`organization`, `sequence`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `events_by_date` ON `events` (`organization`,`created_at`,`kind`,`series`,`address`);--> statement-breakpoint
CREATE INDEX `events_by_series` ON `events` (`organization`,`series`,`created_at`);--> statement-breakpoint
CREATE INDEX `events_by_resource` ON `events` (`organization`,`resource`,`created_at`);--> statement-breakpoint
CREATE INDEX `events_by_address` ON `events` (`organization`,`address`,`created_at`);--> statement-breakpoint
CREATE TABLE `day_counts` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`period` integer NOT NULL,
	`events` integer NOT NULL,
	PRIMARY KEY(`organization`, `number`, `period`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `kinds` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`action` text NOT NULL,
	`category` text NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `kinds_by_words` ON `kinds` (`organization`,`action`,`category`);--> statement-breakpoint
CREATE TABLE `names` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`since` integer NOT NULL,
	`name` text,
	PRIMARY KEY(`organization`, `id`, `since`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `new_event_ids` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`sequence` integer NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `organizations` (
	`key` integer PRIMARY KEY NOT NULL,
	`id` blob NOT NULL,
	`name` text,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	`last_sequence` integer DEFAULT 0 NOT NULL,
	`kept_from` integer,
	`dropped_id` blob,
	`dropped_sequence` integer DEFAULT 0 NOT NULL,
	`last_number` integer DEFAULT 0 NOT NULL,
	`epoch` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_by_id` ON `organizations` (`id`);--> statement-breakpoint
CREATE TABLE `principals` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`id` blob NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `principals_by_id` ON `principals` (`organization`,`id`);--> statement-breakpoint
CREATE TABLE `read_windows` (
	`organization` integer NOT NULL,
	`from` integer NOT NULL,
	`until` integer NOT NULL,
	`events` integer NOT NULL,
	`read_at` integer NOT NULL,
	PRIMARY KEY(`organization`, `from`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `resources` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`id` blob NOT NULL,
	PRIMARY KEY(`organization`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `resources_by_id` ON `resources` (`organization`,`id`);--> statement-breakpoint
CREATE TABLE `saved_views` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`account` text NOT NULL,
	`author` text,
	`name` text NOT NULL,
	`page_query` text NOT NULL,
	`shared` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `saved_views_by_account` ON `saved_views` (`organization`,`shared`,`account`);--> statement-breakpoint
CREATE TABLE `seals` (
	`organization` integer NOT NULL,
	`sequence` integer NOT NULL,
	`events` integer NOT NULL,
	`recorded_at` integer NOT NULL,
	`parts` blob NOT NULL,
	`head` blob NOT NULL,
	PRIMARY KEY(`organization`, `sequence`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `series` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`principal` integer NOT NULL,
	`user_agent` integer NOT NULL,
	`kind` integer NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `series_by_principal` ON `series` (`organization`,`principal`,`user_agent`,`kind`);--> statement-breakpoint
CREATE INDEX `series_by_user_agent` ON `series` (`organization`,`user_agent`);--> statement-breakpoint
CREATE INDEX `series_by_kind` ON `series` (`organization`,`kind`);--> statement-breakpoint
CREATE TABLE `quarter_counts` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`period` integer NOT NULL,
	`events` integer NOT NULL,
	PRIMARY KEY(`organization`, `number`, `period`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sessions` (
	`hash` blob PRIMARY KEY NOT NULL,
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`person` text NOT NULL,
	`check_at` integer NOT NULL,
	`valid_until` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`tokens` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_by_subject` ON `sessions` (`issuer`,`subject`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` blob NOT NULL,
	`name` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`grants` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_by_hash` ON `tokens` (`hash`);--> statement-breakpoint
CREATE TABLE `user_agents` (
	`organization` integer NOT NULL,
	`number` integer NOT NULL,
	`text` text NOT NULL,
	`hash` blob NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `user_agents_by_hash` ON `user_agents` (`organization`,`hash`);