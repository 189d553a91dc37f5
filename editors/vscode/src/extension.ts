// What of the extension needs a window: the language server's client, the commands, the page. See infield.ts for the rest.
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import * as infield from "./infield";

let client: LanguageClient | undefined;
let files: vscode.FileSystemWatcher;
let page: vscode.WebviewPanel | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const does: Record<string, () => Promise<void>> = {
    plan: () => inTerminal("plan"),
    apply: () => inTerminal("apply"),
    status: showStatus,
    restart: start,
  };
  for (const [name, run] of Object.entries(does)) {
    context.subscriptions.push(vscode.commands.registerCommand(`infield.${name}`, run));
  }
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((changed) => {
      if (changed.affectsConfiguration("infield.path")) void start();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void start()),
  );
  // Lists of codes are read as well as manifests.
  files = vscode.workspace.createFileSystemWatcher("**/*.{yaml,yml,csv,txt}");
  context.subscriptions.push(files);
  // A project that is new, or gone.
  const projects = vscode.workspace.createFileSystemWatcher("**/infield.yaml", false, true, false);
  context.subscriptions.push(projects, projects.onDidCreate(() => void start()), projects.onDidDelete(() => void start()));
  await start();
}

export async function deactivate(): Promise<void> {
  const last = client;
  client = undefined;
  // One that never ran, or is gone already, cannot be asked to end.
  await last?.dispose().catch(() => undefined);
}

function settings(of?: vscode.Uri): infield.Settings {
  const all = vscode.workspace.getConfiguration("infield", of);
  return infield.settings((key) => all.get(key));
}

/** Starts the language server for the manifests of all projects, in place of the one that runs. One start after the other. */
function start(): Promise<void> {
  starting = starting.then(startNow, startNow);
  return starting;
}
let starting: Promise<void> = Promise.resolve();

async function startNow(): Promise<void> {
  await deactivate();
  const found = await vscode.workspace.findFiles("**/infield.yaml", "**/{node_modules,target}/**");
  if (found.length === 0) return;
  // YAML of other programs stays theirs.
  const documentSelector = found.map((file) => ({
    scheme: "file",
    language: "yaml",
    pattern: infield.manifests(vscode.Uri.joinPath(file, "..").fsPath),
  }));
  const { program, args } = infield.server(settings());
  const started = new LanguageClient(
    "infield",
    "infield",
    { command: program, args: [...args] },
    { documentSelector, synchronize: { fileEvents: files } },
  );
  client = started;
  try {
    await started.start();
  } catch (error) {
    client = undefined;
    await missing(error);
  }
}

async function missing(error: unknown): Promise<void> {
  const setting = "Open the Setting";
  const why = error instanceof Error ? error.message : String(error);
  const chosen = await vscode.window.showErrorMessage(`infield does not start: ${why}`, setting);
  if (chosen === setting) await vscode.commands.executeCommand("workbench.action.openSettings", "infield.path");
}

/** The folder that a command is for; asks where several may be meant. */
async function place(): Promise<{ folder: vscode.WorkspaceFolder; project: string } | undefined> {
  const file = vscode.window.activeTextEditor?.document.uri;
  const here = file && vscode.workspace.getWorkspaceFolder(file);
  const only = vscode.workspace.workspaceFolders?.length === 1 ? vscode.workspace.workspaceFolders[0] : undefined;
  const folder = here ?? only ?? (await vscode.window.showWorkspaceFolderPick());
  if (folder === undefined) return undefined;
  const start = here && file.scheme === "file" ? file.fsPath : vscode.Uri.joinPath(folder.uri, "infield.yaml").fsPath;
  return { folder, project: infield.project(start, folder.uri.fsPath) };
}

/** Runs a command at a terminal, where it asks what it has to ask. */
async function inTerminal(action: infield.Action): Promise<void> {
  const at = await place();
  if (at === undefined) return;
  await vscode.workspace.saveAll(false);
  const { program, args } = infield.command(action, settings(at.folder.uri));
  const process = new vscode.ProcessExecution(program, [...args], { cwd: at.project });
  const task = new vscode.Task({ type: "infield", action }, at.folder, action, "infield", process, []);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, focus: action === "apply", clear: true };
  await vscode.tasks.executeTask(task);
}

async function showStatus(): Promise<void> {
  const at = await place();
  if (at === undefined) return;
  const text = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "infield status" },
    () => infield.statusPage(settings(at.folder.uri), at.project).catch((error: unknown) => error),
  );
  if (typeof text !== "string") {
    await vscode.window.showErrorMessage(text instanceof Error ? text.message : String(text));
    return;
  }
  if (page === undefined) {
    page = vscode.window.createWebviewPanel("infield.status", "infield status", vscode.ViewColumn.Beside, {
      enableScripts: false,
      enableCommandUris: false,
      localResourceRoots: [],
    });
    page.onDidDispose(() => (page = undefined));
  }
  page.webview.html = text;
  page.reveal();
}
