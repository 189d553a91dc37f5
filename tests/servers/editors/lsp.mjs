// `infield lsp` with Microsoft's client library, which VS Code uses. The program is the first argument.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Editor, cursor, includes, root } from "./client.mjs";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "infield-lsp-"));
fs.cpSync(path.join(root, "examples/exclusion-group"), folder, {
  recursive: true,
  filter: (from) => !from.includes(".infield"),
});
const editor = await Editor.start(process.argv[2], ["lsp", "--stdio"], fs.realpathSync(folder));
includes(Object.keys(editor.answer.capabilities), [
  "textDocumentSync", "hoverProvider", "definitionProvider", "completionProvider", "codeActionProvider",
  "documentFormattingProvider", "referencesProvider", "renameProvider", "documentSymbolProvider",
  "workspaceSymbolProvider", "foldingRangeProvider", "documentLinkProvider", "codeLensProvider", "inlayHintProvider",
  "semanticTokensProvider",
], "capabilities");

const wave = fs.readFileSync(path.join(folder, "wave-1.yaml"), "utf8");
await editor.open("wave-1.yaml", wave);
if ((await editor.published("wave-1.yaml")).length > 0) throw new Error("the example has problems");
console.log("accepts the example");

// A slip in an answer, while it is typed, and its quick fix.
const slipped = `${wave}qualifications: {gender: [mael]}\n`.replace(/^qualifications:\n( .*\n)*/m, "");
await editor.change("wave-1.yaml", slipped);
const [problem] = (await editor.published("wave-1.yaml")).filter((one) => one.code === "infield::targeting::unknown-answer");
if (problem?.severity !== 1 || problem.source !== "infield") throw new Error(`no such problem: ${JSON.stringify(problem)}`);
const [action] = await editor.request("textDocument/codeAction", {
  textDocument: { uri: editor.uri("wave-1.yaml") },
  range: problem.range,
  context: { diagnostics: [problem] },
});
const [edit] = Object.values(action.edit.changes)[0];
if (edit.newText !== "male") throw new Error(`another fix: ${JSON.stringify(action)}`);
const lines = slipped.split("\n");
const { start, end } = edit.range;
lines[start.line] = lines[start.line].slice(0, start.character) + edit.newText + lines[start.line].slice(end.character);
await editor.change("wave-1.yaml", lines.join("\n"));
const after = (await editor.published("wave-1.yaml")).filter((one) => one.severity === 1);
if (after.length > 0) throw new Error(`still: ${JSON.stringify(after)}`);
console.log(`offers "${action.title}", which solves it`);

// The group finds its members.
const group = fs.readFileSync(path.join(folder, "group.yaml"), "utf8");
const member = /surveys: *\[?\s*(- )?([a-z0-9-]+)/.exec(group)[2];
const at = group.indexOf(member, group.indexOf("surveys:"));
const place = await editor.open("group.yaml", `${group.slice(0, at + 2)}‸${group.slice(at + 2)}`);
const found = await editor.request("textDocument/definition", place);
if (!fs.readFileSync(new URL(found.uri), "utf8").includes(`name: ${member}\n`)) throw new Error("another definition");
console.log(`goes from the group to ${path.basename(found.uri)}`);
const hover = await editor.request("textDocument/hover", place);
includes(hover.contents.value, [member, "exposure"], "hover over a member");
console.log("tells its exposure");

// Offers what the project knows.
const typed = cursor("kind: SurveyGroup\nname: more\nref: x\nsurveys: [‸");
await editor.change("group.yaml", typed.text);
const offered = await editor.request("textDocument/completion", { textDocument: place.textDocument, position: typed.position });
includes(offered.map((item) => item.label), [member], "completion of members");
console.log("offers the project's surveys");

// Keys with what they mean, and whole surveys where there is nothing yet.
const keys = cursor(`${wave}‸`);
await editor.change("wave-1.yaml", keys.text);
const about = { textDocument: { uri: editor.uri("wave-1.yaml") } };
const items = await editor.request("textDocument/completion", { ...about, position: keys.position });
const tags = items.find((item) => item.label === "tags");
if (!tags?.documentation.value.includes("commands find it")) throw new Error(`no such key: ${JSON.stringify(tags)}`);
const empty = await editor.open("new.yaml", "‸");
const surveys = await editor.request("textDocument/completion", empty);
includes(surveys.map((item) => item.label), ["Survey at PureSpectrum", "Survey at Cint in stages"], "whole surveys");
await editor.close("new.yaml");
console.log("offers keys and whole surveys");

// Another name, wherever it is said.
await editor.change("wave-1.yaml", wave);
await editor.change("group.yaml", group);
const name = /^name: *([a-z0-9-]+)/m.exec(wave)[1];
const line = wave.split("\n").findIndex((text) => text.startsWith("name:"));
const change = await editor.request("textDocument/rename", {
  ...about,
  position: { line, character: 7 },
  newName: "other",
});
const news = Object.values(change.changes).flat().map((edit) => edit.newText);
includes(news, ["other", `\nmoved_from: ${name}`], "rename");
if (Object.keys(change.changes).length !== 2) throw new Error(`renamed: ${JSON.stringify(change)}`);
console.log("renames a survey everywhere");

const share = wave.replace(/^quotas:\n( .*\n)*/m, "") +
  "quotas:\n  - {name: men, completes: 49%, where: {gender: male}}\n  - {name: women, completes: 51%, where: {gender: female}}\n";
await editor.change("wave-1.yaml", share);
const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
const hints = await editor.request("textDocument/inlayHint", { ...about, range: whole });
if (!hints.every((hint) => /^= [0-9]+$/.test(hint.label)) || hints.length !== 2) throw new Error(`hints: ${JSON.stringify(hints)}`);
console.log("shows what shares come to");

const untidy = wave.replace(/^kind: Survey\n/m, "") + "kind:    Survey\n";
await editor.change("wave-1.yaml", untidy);
const edits = await editor.request("textDocument/formatting", {
  textDocument: { uri: editor.uri("wave-1.yaml") },
  options: { tabSize: 2, insertSpaces: true },
});
if (edits.length !== 1 || edits[0].newText.trim() !== wave.trim()) throw new Error(`formatted: ${JSON.stringify(edits)}`);
console.log("formats");

const code = await editor.stop();
if (code !== 0) throw new Error(`ended with ${code}`);
fs.rmSync(folder, { recursive: true });
console.log("ends as it should");
