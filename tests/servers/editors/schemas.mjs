// The schemas in a real editor: yaml-language-server finds them through the modeline of the examples.
import fs from "node:fs";
import path from "node:path";
import { Editor, includes, modules, root } from "./client.mjs";

const folder = path.join(root, "examples/quickstart");
const server = path.join(modules, "yaml-language-server/bin/yaml-language-server");
const editor = await Editor.start(process.execPath, [server, "--stdio"], folder, {
  yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } },
});

const modeline = "# yaml-language-server: $schema=../../schemas/manifest.schema.json\n";
const head = `${modeline}kind: Survey\nname: soda\n`;

async function completes(what, marked, wanted) {
  includes(await editor.completions("typed.yaml", head + marked), wanted, `completions ${what}`);
  console.log(`completes ${what}`);
}

await completes("questions in qualifications", "qualifications:\n  ‸\n", ["gender", "age", "us_state", "zip"]);
await completes("answers", "qualifications:\n  gender: ‸\n", ["male", "female"]);
await completes("questions in quotas.where", "quotas:\n  - name: a\n    completes: 1\n    where:\n      ‸\n", ["gender", "age"]);
await completes("fields of a quota", "quotas:\n  - ‸\n", ["name", "completes", "where"]);
await completes("the vendors' blocks", "‸\n", ["purespectrum", "innovatemr", "quotas", "status"]);
await completes("fields of a vendor's block", "purespectrum:\n  ‸\n", ["template_id", "category"]);
await completes("fields of another vendor's block", "innovatemr:\n  ‸\n", ["category"]);
await completes("statuses", "status: ‸\n", ["draft", "live", "paused", "closed"]);
await completes("policies", "on_remove: ‸\n", ["forget", "pause", "close"]);

async function says(what, marked, wanted) {
  const found = await editor.hover("hovered.yaml", head + marked);
  if (!found.includes(wanted)) throw new Error(`hover over ${what}: no ${JSON.stringify(wanted)} in ${found}`);
  console.log(`explains ${what}`);
}

await says("length_of_interview", "length_of_int‸erview: 5\n", "minutes");
await says("incidence_rate", "incidence‸_rate: 5\n", "percent");
await says("field_days", "field_da‸ys: 5\n", "days");
await says("a question", "qualifications:\n  ag‸e: 18-64\n", "years");
await says("a vendor's field", "purespectrum:\n  templ‸ate_id: 15\n", "template");

let wrong = 0;
async function refuses(what, text, wanted) {
  // A name of its own: what is said of a file when it is closed may come late.
  const name = `wrong-${(wrong += 1)}.yaml`;
  await editor.open(name, head + text);
  const found = await editor.published(name);
  const messages = found.map((one) => one.message).join("\n");
  const line = (head + text).split("\n").length - 2;
  if (!messages.includes(wanted)) throw new Error(`${what}: no ${JSON.stringify(wanted)} in ${messages}`);
  if (!found.some((one) => one.range.start.line === line)) throw new Error(`${what}: not on line ${line}`);
  console.log(`refuses ${what}`);
}

await refuses("an unknown status", "status: running\n", "Value is not accepted");
await refuses("a number that is a text", "completes: many\n", "Incorrect type");
await refuses("an incidence rate above 100", "incidence_rate: 120\n", "maximum");
await refuses("an unknown field", "complets: 5\n", "Property complets is not allowed");

// What ships is accepted, every file of it.
let files = 0;
for (const entry of fs.readdirSync(path.join(root, "examples"), { recursive: true })) {
  const file = path.join(root, "examples", entry);
  if (!entry.endsWith(".yaml") || entry.includes(".infield") || entry.includes("ci/")) continue;
  const text = fs.readFileSync(file, "utf8");
  if (!text.includes("yaml-language-server:")) continue;
  const name = path.relative(folder, file);
  await editor.open(name, text);
  const found = await editor.published(name);
  if (found.length > 0) throw new Error(`${entry}: ${JSON.stringify(found.map((one) => one.message))}`);
  files += 1;
}
console.log(`accepts the examples: ${files} files`);
if (files < 8) throw new Error("hardly any example has a modeline");
await editor.stop();
