// The extension without a window: everything it starts, against the program that INFIELD names, and with the client library that
// VS Code uses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { pathToFileURL } from "node:url";
import * as rpc from "vscode-languageserver-protocol/node";
import * as infield from "../src/infield";

const HERE = process.cwd();
const ROOT = process.env["INFIELD_ROOT"] ?? path.resolve(HERE, "../..");
const SETTINGS = infield.settings((key) => (key === "path" ? process.env["INFIELD"] : undefined));
const run = promisify(execFile);

let home: string;
let folder: string;

before(() => {
  home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "infield-vscode-")));
  folder = path.join(home, "a [b] {c}", "project");
  fs.cpSync(path.join(ROOT, "examples/quickstart"), folder, { recursive: true, filter: (from) => !from.includes(".infield") });
  for (const name of Object.keys(process.env).filter((name) => /^(INFIELD_|PURESPECTRUM_|CINT_|INNOVATEMR_)/.test(name))) {
    delete process.env[name];
  }
});
after(() => fs.rmSync(home, { recursive: true, force: true }));

test("package.json offers the commands and settings that there are", () => {
  const about = JSON.parse(fs.readFileSync(path.join(HERE, "package.json"), "utf8"));
  const offered = about.contributes.commands.map((one: { command: string }) => one.command);
  assert.deepEqual([...offered].sort(), [...infield.COMMANDS].sort());
  const asked: string[] = [];
  infield.settings((key) => void asked.push(`infield.${key}`));
  assert.deepEqual(Object.keys(about.contributes.configuration.properties).sort(), asked.sort());
  const code = fs.readFileSync(path.join(HERE, "src/extension.ts"), "utf8");
  for (const name of infield.COMMANDS) assert.match(code, new RegExp(`^    ${name.split(".")[1]}: `, "m"));
  assert.equal(about.capabilities.untrustedWorkspaces.supported, false);
});

test("settings and commands are words, and nothing is approved", () => {
  assert.deepEqual(infield.settings(() => 7), { path: "infield", environment: "" });
  const settings = infield.settings((key) => (key === "path" ? " /opt/in field " : "pro; rm -rf /"));
  assert.deepEqual(infield.command("apply", settings), { program: "/opt/in field", args: ["apply", "--env", "pro; rm -rf /"] });
  assert.deepEqual(infield.command("status", SETTINGS).args, ["status", "--format", "html"]);
  assert.deepEqual(infield.server(settings).args, ["lsp"]);
});

test("a file belongs to the nearest project of its workspace", () => {
  const deep = path.join(folder, "deep", "er", "x.yaml");
  assert.equal(infield.project(deep, path.dirname(folder)), folder);
  assert.equal(infield.project(path.join(folder, "infield.yaml"), folder), folder);
  // What lies above the workspace is not looked at.
  assert.equal(infield.project(deep, path.join(folder, "deep")), path.join(folder, "deep"));
  assert.equal(infield.project(undefined, folder), folder);
  assert.equal(infield.manifests("/a [b]/c*"), "/a [[]b[]]/c[*]/**/*.{yaml,yml}");
  assert.equal(infield.manifests("C:\\surveys\\"), "C:/surveys/**/*.{yaml,yml}");
});

/** The server as VS Code's client starts it and speaks with it. */
async function connected<T>(what: (connection: rpc.ProtocolConnection, published: (uri: string) => Promise<rpc.Diagnostic[]>) => Promise<T>) {
  const { program, args } = infield.server(SETTINGS);
  const child = spawn(program, [...args], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((done) => child.on("exit", done));
  const connection = rpc.createProtocolConnection(new rpc.StreamMessageReader(child.stdout), new rpc.StreamMessageWriter(child.stdin));
  const waiting = new Map<string, (found: rpc.Diagnostic[]) => void>();
  connection.onNotification(rpc.PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
  connection.listen();
  const uri = pathToFileURL(folder).href;
  const answer = await connection.sendRequest(rpc.InitializeRequest.type, {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: "project" }],
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, configuration: true, workspaceFolders: true },
      textDocument: { synchronization: { dynamicRegistration: true, didSave: true }, publishDiagnostics: { versionSupport: true } },
    },
  });
  assert.equal(answer.serverInfo?.name, "infield");
  await connection.sendNotification(rpc.InitializedNotification.type, {});
  const done = await what(connection, (uri) => new Promise((found) => waiting.set(uri, found)));
  await connection.sendRequest(rpc.ShutdownRequest.type);
  await connection.sendNotification(rpc.ExitNotification.type);
  assert.equal(await ended, 0);
  connection.dispose();
  return done;
}

test("the server says problems while one types, with a fix, and what it is told of files", async () => {
  await connected(async (connection, published) => {
    const file = path.join(folder, "minimal.yaml");
    const uri = pathToFileURL(file).href;
    const good = fs.readFileSync(file, "utf8");
    const bad = good.replace(/^status: live$/m, "status: lvie");
    assert.notEqual(bad, good);
    let coming = published(uri);
    await connection.sendNotification(rpc.DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: "yaml", version: 1, text: bad },
    });
    const [problem] = await coming;
    assert.ok(problem && problem.source === "infield", JSON.stringify(problem));
    const actions = await connection.sendRequest(rpc.CodeActionRequest.type, {
      textDocument: { uri },
      range: problem.range,
      context: { diagnostics: [problem] },
    });
    assert.ok(actions?.some((action) => /live/.test(action.title)), JSON.stringify(actions));
    coming = published(uri);
    await connection.sendNotification(rpc.DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: good }],
    });
    assert.deepEqual(await coming, []);
    const edits = await connection.sendRequest(rpc.DocumentFormattingRequest.type, {
      textDocument: { uri },
      options: { tabSize: 2, insertSpaces: true },
    });
    assert.ok(edits === null || Array.isArray(edits));
    // What VS Code's client sends by itself, and no answer is expected to.
    await connection.sendNotification(rpc.DidChangeConfigurationNotification.type, { settings: null });
    await connection.sendNotification(rpc.DidChangeWatchedFilesNotification.type, {
      changes: [{ uri, type: rpc.FileChangeType.Changed }],
    });
  });
});

test("plan, apply and the page of what is in field", async () => {
  const planned = infield.command("plan", SETTINGS);
  const { stdout } = await run(planned.program, [...planned.args], { cwd: folder });
  assert.match(stdout, /Plan: 3 to create/);
  // Nobody is there to be asked, so nothing is sent.
  const applied = infield.command("apply", SETTINGS);
  await assert.rejects(run(applied.program, [...applied.args], { cwd: folder }));
  await run(applied.program, [...applied.args, "--yes", "--allow", "launch"], { cwd: folder });
  const page = await infield.statusPage(SETTINGS, folder);
  assert.match(page, /<head[^>]*><meta http-equiv="Content-Security-Policy" content="default-src 'none'; /);
  assert.match(page, /minimal/);
  await assert.rejects(infield.statusPage({ ...SETTINGS, environment: "nowhere" }, folder), /nowhere/);
  await assert.rejects(infield.statusPage({ ...SETTINGS, path: path.join(home, "missing") }, folder), /ENOENT/);
});

test("a page that does more than show is not shown", () => {
  const page = (inside: string) => `<!DOCTYPE html><html><head><title>x</title></head><body>${inside}</body></html>`;
  assert.match(infield.shown(page("<p>fine</p>")), /form-action 'none'/);
  for (const inside of ["<script>1</script>", "<SCRIPT src=x>", "<iframe>", "<form>", '<base href="x">']) {
    assert.throws(() => infield.shown(page(inside)), /more than show/, inside);
  }
  assert.throws(() => infield.shown("<p>no head</p>"), /no head/);
});
