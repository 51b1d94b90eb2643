// One HTTP/2 request over TLS: http2_client.mjs URL CERTIFICATE [METHOD]. Prints a line of JSON for
// the head of the answer, and one for each piece of its body as it arrives.
import { readFileSync } from "node:fs";
import { connect } from "node:http2";

const [, , url, certificate, method = "GET"] = process.argv;
const { origin, pathname, search } = new URL(url);
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const session = connect(origin, { ca: readFileSync(certificate) });
session.on("error", (error) => {
	process.stderr.write(`${error}\n`);
	process.exit(1);
});
const request = session.request({ ":path": pathname + search, ":method": method });
request.setEncoding("utf8");
request.on("response", (head) => tell({ protocol: session.socket.alpnProtocol, head }));
request.on("data", (body) => tell({ body }));
request.on("end", () => session.close());
request.end();
