import { createServer } from "node:http";
import { verify } from "./verify.mjs";

const { CALLBACK_SECRET: secret, PORT: port = "8790" } = process.env;
if (!secret) {
  console.error("CALLBACK_SECRET is missing: set it to the whsec_… that the API showed when you made a secret.");
  process.exit(1);
}

/** The status to answer with. */
async function receive(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (!verify(secret, request.headers, body)) return 401;
  console.log(request.headers["webhook-id"], JSON.parse(body).type);
  return 200;
}

const server = createServer((request, response) => {
  // What goes wrong on the way gets no answer, and comes again.
  receive(request).then(
    (status) => response.writeHead(status).end(),
    () => response.destroy(),
  );
});
server.listen(Number(port), () => console.log(`Receiving callbacks at http://localhost:${port}/`));
