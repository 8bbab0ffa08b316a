// Subscribes over graphql-ws, and prints each event as a line of JSON. Cut off, it goes on by itself with
// the cursor of the last event, as an app does. Argument: the URL; the token is in TOMOS_TOKEN.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url] = process.argv.slice(2);
let since = null;

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${process.env.TOMOS_TOKEN}`, 'Time-Zone': 'Australia/Sydney' },
  retryAttempts: 0,
});

const print = (line) => process.stdout.write(JSON.stringify(line) + '\n');

async function once(query) {
  for await (const result of client.iterate({ query })) return result;
}

print(await once('{ viewer { timeZone } }'));
await new Promise((next) => client.subscribe({ query: '{ nothing }' }, {
  next: print,
  error: (errors) => next(print({ refused: errors[0].extensions.code })),
  complete: print,
}));
for (;;) {
  const query = 'subscription ($since: ChangeCursor) { changes(since: $since) { cursor tasks { title } } }';
  try {
    for await (const { data } of client.iterate({ query, variables: { since } })) {
      since = data.changes.cursor;
      print(data.changes.tasks.map((task) => task.title));
    }
  } catch (closed) {
    print({ closed: closed.code ?? String(closed) });
    if (closed.code === 4401) process.exit(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
