/** What the servers broadcast and the load generator expects. */
export const NEWS = { id: 4711, author: "ada", text: "a short line, as people write in a chat" };
