// What of the extension needs no window: which command starts what, in which folder, and which page may be shown. VS Code is
// left to extension.ts, so that all of this runs in tests against the program itself.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";

/** The settings of a folder. */
export interface Settings {
  /** The program. */
  readonly path: string;
  /** The environment; empty for the sandbox. */
  readonly environment: string;
}

/** Reads settings as VS Code has them; what is no text counts as left out. */
export function settings(read: (key: string) => unknown): Settings {
  const text = (key: string) => {
    const value = read(key);
    return typeof value === "string" ? value.trim() : "";
  };
  return { path: text("path") || "infield", environment: text("environment") };
}

/** A program and what it is given, word by word: no shell reads it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** What the extension starts. */
export const ACTIONS = ["plan", "apply", "status"] as const;
export type Action = (typeof ACTIONS)[number];

/** The commands that are offered, as package.json lists them. */
export const COMMANDS = [...ACTIONS, "restart"].map((name) => `infield.${name}`);

/** The language server. */
export function server(settings: Settings): Command {
  return { program: settings.path, args: ["lsp"] };
}

/** A command for the project in the current folder. Nothing is approved on the way: `apply` asks at its terminal. */
export function command(action: Action, settings: Settings): Command {
  const environment = settings.environment === "" ? [] : ["--env", settings.environment];
  const page = action === "status" ? ["--format", "html"] : [];
  return { program: settings.path, args: [action, ...environment, ...page] };
}

/** The folder of the project that a file belongs to: the nearest one with an infield.yaml, and none above the workspace's. */
export function project(file: string | undefined, workspace: string): string {
  const inside = (folder: string) => {
    const way = path.relative(workspace, folder);
    return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
  };
  for (let folder = path.dirname(file ?? workspace); inside(folder); folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "infield.yaml"))) return folder;
    if (folder === path.dirname(folder)) break;
  }
  return workspace;
}

/** Manifests of a project, as a pattern for their paths: what stands in the folder's name means itself. */
export function manifests(folder: string): string {
  const literally = folder.replace(/\\/g, "/").replace(/[*?{}[\]]/g, (sign) => `[${sign}]`);
  return `${literally.replace(/\/$/, "")}/**/*.{yaml,yml}`;
}

/** The status page of the project in a folder. */
export async function statusPage(settings: Settings, folder: string): Promise<string> {
  const { program, args } = command("status", settings);
  const said = await new Promise<{ page: string; trouble: string }>((done) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, windowsHide: true };
    execFile(program, [...args], options, (error, page, trouble) => {
      done({ page, trouble: trouble.trim() || (error?.message ?? "") });
    });
  });
  // A field in trouble has a page as well, and an exit code of its own.
  if (!/^\s*<!doctype html>/i.test(said.page)) throw new Error(said.trouble || "infield status said nothing");
  return shown(said.page);
}

/** The strictest policy a page can have that brings its own styles: nothing is loaded, run or sent. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** A page as it may be shown in the editor: with that policy before anything else, and without what it forbids anyway. */
export function shown(page: string): string {
  if (/<(script|iframe|object|embed|base|form)\b/i.test(page)) throw new Error("the page has something in it that does more than show");
  const head = /<head\b[^>]*>/i.exec(page);
  if (head === null) throw new Error("the page has no head");
  const at = head.index + head[0].length;
  return `${page.slice(0, at)}<meta http-equiv="Content-Security-Policy" content="${POLICY}">${page.slice(at)}`;
}
