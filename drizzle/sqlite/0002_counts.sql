CREATE TABLE `kind_times` (
	`organization` integer NOT NULL,
	`action` text NOT NULL,
	`category` text NOT NULL,
	`span` integer NOT NULL,
	`events` integer NOT NULL,
	`slots` text NOT NULL,
	PRIMARY KEY(`organization`, `action`, `category`, `span`)
);
--> statement-breakpoint
CREATE TABLE `trail_times` (
	`trail` integer NOT NULL,
	`span` integer NOT NULL,
	`events` integer NOT NULL,
	`slots` text NOT NULL,
	PRIMARY KEY(`trail`, `span`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `trail_times` (`trail`, `span`, `events`, `slots`)
	SELECT `trail`, `slot` / 2880, sum(`n`), group_concat(
		CASE WHEN `gap` < 32 THEN char(48 + `gap`)
		WHEN `gap` < 1024 THEN char(80 + (`gap` & 31), 48 + (`gap` >> 5))
		WHEN `gap` < 32768 THEN char(80 + (`gap` & 31), 80 + ((`gap` >> 5) & 31), 48 + (`gap` >> 10))
		WHEN `gap` < 1048576 THEN char(80 + (`gap` & 31), 80 + ((`gap` >> 5) & 31), 80 + ((`gap` >> 10) & 31), 48 + (`gap` >> 15))
		ELSE char(80 + (`gap` & 31), 80 + ((`gap` >> 5) & 31), 80 + ((`gap` >> 10) & 31), 80 + ((`gap` >> 15) & 31), 48 + (`gap` >> 20)) END
		||
		CASE WHEN `n` < 32 THEN char(48 + `n`)
		WHEN `n` < 1024 THEN char(80 + (`n` & 31), 48 + (`n` >> 5))
		WHEN `n` < 32768 THEN char(80 + (`n` & 31), 80 + ((`n` >> 5) & 31), 48 + (`n` >> 10))
		WHEN `n` < 1048576 THEN char(80 + (`n` & 31), 80 + ((`n` >> 5) & 31), 80 + ((`n` >> 10) & 31), 48 + (`n` >> 15))
		ELSE char(80 + (`n` & 31), 80 + ((`n` >> 5) & 31), 80 + ((`n` >> 10) & 31), 80 + ((`n` >> 15) & 31), 48 + (`n` >> 20)) END, '' ORDER BY `slot`)
	FROM (SELECT `trail`, `slot`, `n`, `slot` - lag(`slot`, 1, 0)
			OVER (PARTITION BY `trail`, `slot` / 2880 ORDER BY `slot`) AS `gap`
		FROM (SELECT `trail`, ((`position` >> 10) + 15099494400000000) / 900000000 AS `slot`, count(*) AS `n`
			FROM `events` GROUP BY 1, 2))
	GROUP BY 1, 2;
--> statement-breakpoint
INSERT INTO `kind_times` (`organization`, `action`, `category`, `span`, `events`, `slots`)
	SELECT `organization`, `action`, `category`, `slot` / 2880, sum(`n`), group_concat(
		CASE WHEN `gap` < 32 THEN char(48 + `gap`)
		WHEN `gap` < 1024 THEN char(80 + (`gap` & 31), 48 + (`gap` >> 5))
		WHEN `gap` < 32768 THEN char(80 + (`gap` & 31), 80 + ((`gap` >> 5) & 31), 48 + (`gap` >> 10))
		WHEN `gap` < 1048576 THEN char(80 + (`gap` & 31), 80 + ((`gap` >> 5) & 31), 80 + ((`gap` >> 10) & 31), 48 + (`gap` >> 15))
		ELSE char(80 + (`gap` & 31), 80 + ((`gap` >> 5) & 31), 80 + ((`gap` >> 10) & 31), 80 + ((`gap` >> 15) & 31), 48 + (`gap` >> 20)) END
		||
		CASE WHEN `n` < 32 THEN char(48 + `n`)
		WHEN `n` < 1024 THEN char(80 + (`n` & 31), 48 + (`n` >> 5))
		WHEN `n` < 32768 THEN char(80 + (`n` & 31), 80 + ((`n` >> 5) & 31), 48 + (`n` >> 10))
		WHEN `n` < 1048576 THEN char(80 + (`n` & 31), 80 + ((`n` >> 5) & 31), 80 + ((`n` >> 10) & 31), 48 + (`n` >> 15))
		ELSE char(80 + (`n` & 31), 80 + ((`n` >> 5) & 31), 80 + ((`n` >> 10) & 31), 80 + ((`n` >> 15) & 31), 48 + (`n` >> 20)) END, '' ORDER BY `slot`)
	FROM (SELECT `organization`, `action`, `category`, `slot`, `n`, `slot` - lag(`slot`, 1, 0)
			OVER (PARTITION BY `organization`, `action`, `category`, `slot` / 2880 ORDER BY `slot`) AS `gap`
		FROM (SELECT t.`organization`, t.`action`, t.`category`, `slot`, sum(`n`) AS `n`
			FROM (SELECT `trail`, ((`position` >> 10) + 15099494400000000) / 900000000 AS `slot`, count(*) AS `n`
				FROM `events` GROUP BY 1, 2) JOIN `trails` t ON t.`key` = `trail`
			GROUP BY 1, 2, 3, 4))
	GROUP BY 1, 2, 3, 4;
