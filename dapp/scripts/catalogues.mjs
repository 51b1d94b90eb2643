// Prints both catalogues as JSON, for the browser tests; a string made of parts has {0}, {1} in their places.
import { build } from "vite";

const page = new URL("../", import.meta.url).pathname;

async function words(file) {
  const ssr = `${page}src/i18n/${file}.ts`;
  const made = await build({ root: page, configFile: false, logLevel: "silent", build: { write: false, ssr } });
  const code = made.output.find((file) => file.type === "chunk").code;
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

// the parts that pages load by themselves are beside the common ones
async function catalogue(language) {
  const { [language]: common } = await words(language);
  const { audit } = await words(`${language}-audit`);
  const { classes } = await words(`${language}-class`);
  const { privateRoom } = await words(`${language}-private`);
  const { channel } = await words(`${language}-channel`);
  return { ...common, ...audit, ...channel, ...classes, ...privateRoom };
}

const all = { en: await catalogue("en"), vi: await catalogue("vi") };
const filled = (make) => make(...Array.from({ length: make.length }, (_, at) => `{${at}}`));
console.log(JSON.stringify(all, (_, value) => (typeof value === "function" ? filled(value) : value)));
