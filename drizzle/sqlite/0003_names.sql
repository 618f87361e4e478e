CREATE TABLE `names` (
	`organization` integer NOT NULL,
	`id` blob NOT NULL,
	`since` integer NOT NULL,
	`name` text,
	PRIMARY KEY(`organization`, `id`, `since`)
) WITHOUT ROWID;
--> statement-breakpoint
UPDATE `directory` SET `details` = json_set(`details`, '$.updatedAt', NULL)
	WHERE `kind` IN ('group', 'policy', 'api_key');
--> statement-breakpoint
INSERT INTO `names` (`organization`, `id`, `since`, `name`)
	SELECT `organization`, `id`,
		coalesce(`details` ->> '$.updatedAt', `created_at`, unixepoch() * 1000000),
		iif(`kind` = 'api_key', `details` ->> '$.description', `name`)
	FROM `directory` WHERE `kind` <> 'scaleway';
