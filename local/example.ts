// `npm run example`: a local server with ninety days of a shop's history, to look at the dashboard with. Its state goes when it ends.
// PORT is taken from the environment, instead of 8787.

import { temporaryFolder } from "./belongings.ts";
import { runCommand } from "./command.ts";
import { portNamed } from "./dev-server.ts";
import { signInLink, startFilledServer } from "./filled.ts";

const TOKEN = "example-admin-token-for-one-run-only";
const MESSAGES = 1_500;

await runCommand(async () => {
  console.log("Filling ninety days, which takes a minute or two …");
  const server = await startFilledServer(
    {
      port: portNamed("PORT", 8787),
      persistTo: temporaryFolder("firsttap-example-").path,
      vars: { ADMIN_TOKEN: TOKEN, ALLOW_LOCAL_ADDRESSES: "true", CARRIER: "outbox" },
    },
    MESSAGES,
  );
  console.log(
    `\nThe dashboard: ${await signInLink(server.url, TOKEN)}\n(once; again with the token ${TOKEN})\n\nStop with Ctrl-C.`,
  );
  await server.gone;
  return server.process.exitCode ?? 0;
});
