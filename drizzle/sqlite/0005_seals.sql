CREATE TABLE `seals` (
	`organization` integer NOT NULL,
	`arrival` integer NOT NULL,
	`events` integer NOT NULL,
	`recorded_at` integer NOT NULL,
	`parts` blob NOT NULL,
	`head` blob NOT NULL,
	PRIMARY KEY(`organization`, `arrival`)
);
