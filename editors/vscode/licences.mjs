// Writes the licence texts of what is built into the extension to THIRD-PARTY.txt: of the packages that esbuild found in use.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const used = Object.keys(JSON.parse(readFileSync("out/meta.json", "utf8")).inputs);
const packages = new Set(used.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
const texts = [...packages].sort().map((folder) => {
  const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} ${version} comes without a licence text`);
  return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8").replace(/\r/g, "").trimEnd()}\n`;
});
writeFileSync("THIRD-PARTY.txt", texts.join(`\n${"=".repeat(100)}\n\n`));
