// An editor without a window: starts a language server over stdio and speaks to it with Microsoft's own client library.
// Modules are found in target/test-servers/editors, where .ci/install-test-servers puts them.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const modules = path.join(root, "target/test-servers/editors/node_modules");
const require = createRequire(path.join(modules, "x.js"));
export const protocol = require("vscode-languageserver-protocol/node");

export class Editor {
  /** Starts a server in a folder. */
  static async start(command, args, folder, settings = {}) {
    const editor = new Editor();
    editor.folder = folder;
    editor.child = spawn(command, args, { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    editor.connection = protocol.createProtocolConnection(
      new protocol.StreamMessageReader(editor.child.stdout),
      new protocol.StreamMessageWriter(editor.child.stdin),
    );
    editor.diagnostics = new Map();
    editor.waiting = [];
    editor.connection.onNotification("textDocument/publishDiagnostics", (published) => {
      editor.diagnostics.set(published.uri, published);
      editor.waiting.splice(0).forEach((wake) => wake());
    });
    editor.connection.onRequest("workspace/configuration", ({ items }) =>
      items.map((item) => settings[item.section] ?? null),
    );
    editor.connection.onRequest("client/registerCapability", () => null);
    editor.connection.onRequest("window/workDoneProgress/create", () => null);
    editor.connection.onUnhandledNotification(() => {});
    editor.connection.listen();
    const uri = pathToFileURL(folder).href;
    editor.answer = await editor.connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "project" }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true, workspaceEdit: { documentChanges: true } },
        textDocument: {
          publishDiagnostics: { relatedInformation: true, versionSupport: true },
          completion: { completionItem: { snippetSupport: false, documentationFormat: ["markdown", "plaintext"] } },
          hover: { contentFormat: ["markdown"] },
          codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
          definition: { linkSupport: false },
        },
      },
    });
    await editor.connection.sendNotification("initialized", {});
    return editor;
  }

  uri(name) {
    return pathToFileURL(path.join(this.folder, name)).href;
  }

  /** Opens a text under a name; `‸` marks the cursor. Answers with the cursor's place. */
  async open(name, marked) {
    const { text, position } = cursor(marked);
    const uri = this.uri(name);
    this.diagnostics.delete(uri);
    // Servers may remember a closed text by its version.
    this.version = (this.version ?? 0) + 1;
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "yaml", version: this.version, text },
    });
    return { textDocument: { uri }, position };
  }

  async change(name, text) {
    this.diagnostics.delete(this.uri(name));
    this.version += 1;
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: this.uri(name), version: this.version },
      contentChanges: [{ text }],
    });
  }

  async close(name) {
    await this.connection.sendNotification("textDocument/didClose", { textDocument: { uri: this.uri(name) } });
  }

  /** What was published for a file since it was opened or changed, as soon as there is anything. */
  async published(name) {
    while (!this.diagnostics.has(this.uri(name))) {
      await new Promise((wake) => this.waiting.push(wake));
    }
    return this.diagnostics.get(this.uri(name)).diagnostics;
  }

  /** Labels of what is offered at the cursor. */
  async completions(name, marked) {
    const place = await this.open(name, marked);
    const answer = await this.connection.sendRequest("textDocument/completion", place);
    await this.close(name);
    return (answer?.items ?? answer ?? []).map((item) => item.label);
  }

  /** The text of the hover at the cursor. */
  async hover(name, marked) {
    const place = await this.open(name, marked);
    const answer = await this.connection.sendRequest("textDocument/hover", place);
    await this.close(name);
    const contents = answer?.contents ?? "";
    return typeof contents === "string" ? contents : (contents.value ?? JSON.stringify(contents));
  }

  async request(method, params) {
    return this.connection.sendRequest(method, params);
  }

  /** Ends the server as an editor does, and answers with its exit code. */
  async stop() {
    const ended = new Promise((end) => this.child.on("exit", (code) => end(code)));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await ended;
    this.connection.dispose();
    return code;
  }
}

/** The text without its `‸`, and where that stood. */
export function cursor(marked) {
  const at = marked.indexOf("‸");
  if (at < 0) return { text: marked, position: { line: 0, character: 0 } };
  const before = marked.slice(0, at).split("\n");
  const position = { line: before.length - 1, character: before.at(-1).length };
  return { text: marked.slice(0, at) + marked.slice(at + 1), position };
}

/** Fails where one of the words is missing. */
export function includes(found, wanted, what) {
  for (const word of wanted) {
    if (!found.includes(word)) throw new Error(`${what}: no ${JSON.stringify(word)} in ${JSON.stringify(found)}`);
  }
}
