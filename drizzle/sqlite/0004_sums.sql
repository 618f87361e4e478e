CREATE TABLE `sums` (
	`name` text PRIMARY KEY NOT NULL,
	`sum` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `arrivals` ADD `sum` integer;