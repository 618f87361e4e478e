CREATE TABLE `arrivals` (
	`organization` integer NOT NULL,
	`first` integer NOT NULL,
	`last` integer NOT NULL,
	PRIMARY KEY(`organization`, `first`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `read_windows` (
	`organization` integer NOT NULL,
	`from` integer NOT NULL,
	`until` integer NOT NULL,
	`events` integer NOT NULL,
	`read_at` integer NOT NULL,
	PRIMARY KEY(`organization`, `from`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `arrivals` (`organization`, `first`, `last`)
	SELECT `organization`, min(`arrival`), max(`arrival`) FROM (
		SELECT `organization`, `arrival`,
			row_number() OVER (ORDER BY `arrival`)
				- row_number() OVER (PARTITION BY `organization` ORDER BY `arrival`) AS `island`
		FROM `events`)
	GROUP BY `organization`, `island`;
--> statement-breakpoint
UPDATE `directory` SET `details` = json_patch(`details`,
	'{"userIds":[],"applicationIds":[],"allUsers":false,"allApplications":false}') WHERE `kind` = 'group';
--> statement-breakpoint
UPDATE `directory` SET `details` = '{"holder":null,"permissionSets":null}' WHERE `kind` = 'policy';
