// What redocly's recommended rules, and a few of its others, find in the document on standard input.
const { text } = require("node:stream/consumers");
const { createConfig, lintFromString } = require("../../../dapp/node_modules/@redocly/openapi-core");

const MORE = [
  "no-required-schema-properties-undefined", // recommended since redocly 2
  "operation-operationId-unique",
  "operation-singular-tag",
  "operation-tag-defined",
  "tag-description",
];

async function main() {
  const rules = Object.fromEntries(MORE.map((name) => [name, "error"]));
  const config = await createConfig({ extends: ["recommended"], rules });
  const source = await text(process.stdin);
  for (const { ruleId, message, location } of await lintFromString({ source, config, absoluteRef: "openapi.json" }))
    console.log(`${ruleId}: ${message} (${location[0]?.pointer})`);
}

main();
