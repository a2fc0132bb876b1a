-- Who is told when a chat takes no posts, and since when it takes none.
--
-- keeper is the account, on the chat's platform, of the organiser who added the bot or last gave an
-- organiser's command there; keeper_language is what they are told in.
-- trouble says why nothing can be posted, and is null while all is well; told says that the keeper knows.

ALTER TABLE chats ADD COLUMN keeper TEXT;
ALTER TABLE chats ADD COLUMN keeper_language TEXT;
ALTER TABLE chats ADD COLUMN trouble TEXT;
ALTER TABLE chats ADD COLUMN told INTEGER NOT NULL DEFAULT 0;

-- A chat that was closed before this step is one whose organisers know it.
UPDATE chats SET trouble = 'gone', told = 1 WHERE active = 0;

CREATE INDEX chats_in_trouble ON chats (platform) WHERE trouble IS NOT NULL;
