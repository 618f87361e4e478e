CREATE TABLE `addresses` (
	`key` integer PRIMARY KEY NOT NULL,
	`organization` integer NOT NULL,
	`address` blob NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `addresses_by_address` ON `addresses` (`organization`,`address`);--> statement-breakpoint
CREATE TABLE `directory` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`created_at` integer,
	`details` text NOT NULL,
	PRIMARY KEY(`organization`, `id`)
);
--> statement-breakpoint
CREATE TABLE `event_ids` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`arrival` integer NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `events` (
	`arrival` integer PRIMARY KEY NOT NULL,
	`organization` integer NOT NULL,
	`position` integer NOT NULL,
	`id` blob NOT NULL,
	`trail` integer NOT NULL,
	`resource` integer NOT NULL,
	`address` integer NOT NULL,
	`recorded_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `events_by_date` ON `events` (`organization`,`position`);--> statement-breakpoint
CREATE INDEX `events_by_trail` ON `events` (`trail`,`position`);--> statement-breakpoint
CREATE INDEX `events_by_resource` ON `events` (`resource`,`position`);--> statement-breakpoint
CREATE INDEX `events_by_address` ON `events` (`address`,`position`);--> statement-breakpoint
CREATE TABLE `kinds` (
	`organization` integer NOT NULL,
	`action` text NOT NULL,
	`category` text NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`organization`, `action`, `category`)
);
--> statement-breakpoint
CREATE TABLE `new_event_ids` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`arrival` integer NOT NULL,
	PRIMARY KEY(`organization`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `organizations` (
	`key` integer PRIMARY KEY NOT NULL,
	`id` blob NOT NULL,
	`name` text,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `organizations_by_id` ON `organizations` (`id`);--> statement-breakpoint
CREATE TABLE `principals` (
	`key` integer PRIMARY KEY NOT NULL,
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `principals_by_id` ON `principals` (`organization`,`id`);--> statement-breakpoint
CREATE TABLE `resources` (
	`key` integer PRIMARY KEY NOT NULL,
	`organization` integer NOT NULL,
	`id` blob NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `resources_by_id` ON `resources` (`organization`,`id`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` blob NOT NULL,
	`name` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`memberships` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_by_hash` ON `tokens` (`hash`);--> statement-breakpoint
CREATE TABLE `trails` (
	`key` integer PRIMARY KEY NOT NULL,
	`organization` integer NOT NULL,
	`principal` integer NOT NULL,
	`user_agent` integer NOT NULL,
	`action` text NOT NULL,
	`category` text NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `trails_by_principal` ON `trails` (`organization`,`principal`,`user_agent`,`action`,`category`);--> statement-breakpoint
CREATE INDEX `trails_by_user_agent` ON `trails` (`organization`,`user_agent`);--> statement-breakpoint
CREATE INDEX `trails_by_kind` ON `trails` (`organization`,`action`,`category`);--> statement-breakpoint
CREATE TABLE `user_agents` (
	`key` integer PRIMARY KEY NOT NULL,
	`organization` integer NOT NULL,
	`text` text NOT NULL,
	`events` integer DEFAULT 0 NOT NULL,
	`first_at` integer DEFAULT 0 NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_agents_by_text` ON `user_agents` (`organization`,`text`);