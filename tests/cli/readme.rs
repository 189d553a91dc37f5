//! The README and the book in `docs` tell the truth: what they show is run and compared, what they list is asked of the
//! program.
//!
//! `UPDATE_README=1 cargo test --test cli readme` rewrites them. Every page has a folder of its own with a copy of the
//! examples. In a `console` block every line after `$ ` is run there by a shell, one block after the other;
//! `<!-- setup: ... -->` is run unseen. What follows `--approve` is the hash of the plan shown last, and what follows `--replay`
//! the plan of the last apply that `log` showed.

use crate::support::{INFIELD, Project, Sandbox, copy, isolated, survey};
use infield::cli::exit::Exit;
use infield::marketplace::cint;
use infield::marketplace::innovatemr::{self, assumptions::Evidence};
use infield::marketplace::purespectrum::{self, codebook::CODEBOOK};
use infield::marketplace::registry;
use infield::model::VendorId;
use infield::model::capability::{Ability, Capability};
use infield::plan::Guard;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The README and every page of the book, by their paths in the repository.
pub(crate) fn pages() -> BTreeMap<String, String> {
    let mut pages = vec!["README.md".to_owned()];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages
        .into_iter()
        .map(|page| {
            let text = fs::read_to_string(root().join(&page)).unwrap();
            (page, text)
        })
        .collect()
}

/// All of it as one text, for what has to be said somewhere.
fn book() -> String {
    pages().into_values().collect::<Vec<_>>().join("\n")
}

/// Compares, or writes where that is asked for. One test does it all, so that two do not write at once.
pub(crate) fn settle(page: &str, found: &str, wanted: &str) {
    if found == wanted {
        return;
    }
    if std::env::var_os("UPDATE_README").is_some() {
        let path = root().join(page);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, wanted).unwrap();
        return;
    }
    for (line, (found, wanted)) in found.lines().zip(wanted.lines()).enumerate() {
        assert_eq!(
            found,
            wanted,
            "{page}:{}: not what the program says; UPDATE_README=1 cargo test --test cli readme",
            line + 1
        );
    }
    panic!("{page} ends elsewhere; UPDATE_README=1 cargo test --test cli readme");
}

#[test]
fn everything_shown_and_listed_is_what_the_program_says() {
    let pages = pages();
    let listed = [
        ("exit-codes", exit_codes()),
        ("capabilities", capabilities(&purespectrum::facts::CAPABILITIES)),
        ("innovatemr", capabilities(&innovatemr::facts::CAPABILITIES)),
        ("cint", capabilities(&cint::facts::CAPABILITIES)),
        ("endpoints", endpoints()),
        ("questions", questions()),
        ("guards", guards()),
        ("pace", paces()),
        ("lsp", crate::lsp::transcript()),
    ];
    for (name, _) in &listed {
        let places = pages
            .values()
            .filter(|text| text.contains(&format!("<!-- {name} -->")))
            .count();
        assert_eq!(places, 1, "pages with the list `{name}`");
    }
    thread::scope(|scope| {
        for (page, found) in &pages {
            let listed = &listed;
            scope.spawn(move || {
                let mut wanted = sessions(found);
                for (name, lines) in listed {
                    if found.contains(&format!("<!-- {name} -->")) {
                        wanted = section(&wanted, name, lines);
                    }
                }
                settle(page, found, &wanted);
            });
        }
    });
}

#[test]
fn the_story_of_a_soft_launch_is_what_the_program_says() {
    let page = "examples/soft-launch/README.md";
    let text = fs::read_to_string(root().join(page)).unwrap();
    settle(page, &text, &sessions(&text));
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let pages = pages();
    let contents = &pages["docs/SUMMARY.md"];
    let listed: BTreeSet<String> = links(contents)
        .into_iter()
        .map(|link| format!("docs/{link}"))
        .collect();
    let there: BTreeSet<String> = pages
        .keys()
        .filter(|page| *page != "README.md" && *page != "docs/SUMMARY.md")
        .cloned()
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn the_readme_is_a_page_of_at_most_two_hundred_lines() {
    let lines = pages()["README.md"].lines().count();
    assert!(lines <= 200, "{lines} lines");
}

/// Where the links of a page lead, without those to other hosts.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut code = false;
    for line in text.lines() {
        code ^= line.starts_with("```");
        if code {
            continue;
        }
        for after in line.split("](").skip(1) {
            let link = after.split(')').next().unwrap();
            if !link.contains("://") {
                links.push(link.to_owned());
            }
        }
    }
    links
}

/// What a heading is called in links: lower case, dashes for blanks, nothing but letters, digits and dashes.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut code = false;
    text.lines()
        .filter(|line| {
            code ^= line.starts_with("```");
            !code && line.starts_with('#')
        })
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' => Some(c),
                    _ => None,
                })
                .collect()
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let mut found = 0;
    for (page, text) in &pages {
        let folder = root().join(page).parent().unwrap().to_owned();
        for link in links(text) {
            found += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                root().join(page)
            } else {
                folder.join(file)
            };
            assert!(target.exists(), "{page}: {link}");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                assert!(anchors(&text).contains(anchor), "{page}: {link}");
            }
        }
    }
    assert!(found >= 40, "{found} links");
}

/// The text with the part between two markers replaced.
fn section(text: &str, name: &str, lines: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).unwrap_or_else(|| panic!("no {open}")) + open.len();
    let end = text.find(&close).unwrap_or_else(|| panic!("no {close}"));
    format!("{}{lines}{}", &text[..start], &text[end..])
}

/// The text with the output of every command in it.
fn sessions(text: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("project");
    fs::create_dir(&folder).unwrap();
    fs::create_dir(folder.join("examples")).unwrap();
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"),
        &folder.join("examples"),
    );
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", Path::new(&*INFIELD).parent().unwrap().display());
    let shell = |line: &str| {
        let mut shell = isolated("sh", home.path(), &folder);
        let line = format!("{{ {line}; }} 2>&1");
        let output = shell.args(["-c", &line]).env("PATH", &path).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.success())
    };
    let mut hash = String::new();
    let mut applied = String::new();
    let mut written = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(written, "{line}");
        if let Some(setup) = line.strip_prefix("<!-- setup: ") {
            let (said, ok) = shell(setup.strip_suffix(" -->").unwrap());
            assert!(ok, "{setup}\n{said}");
        }
        if line != "```console" {
            continue;
        }
        for shown in lines.by_ref().take_while(|line| *line != "```") {
            let Some(typed) = shown.strip_prefix("$ ") else {
                continue;
            };
            let typed = naming("--replay ", &naming("--approve ", typed, &hash), &applied);
            let said = steady(&shell(&typed).0);
            let said = if is_of_history(&typed) {
                undated(&said)
            } else {
                said
            };
            if let Some((_, plan)) = said.split_once("  apply  by tester@testhost, plan ") {
                applied = plan[..9].to_owned();
            }
            if let Some((_, rest)) = said.split_once("Apply exactly this with: ") {
                let (_, name) = rest.lines().next().unwrap().rsplit_once(' ').unwrap();
                hash = name.to_owned();
            }
            let _ = write!(written, "$ {typed}\n{said}");
        }
        written.push_str("```\n");
    }
    written
}

/// The same, taken at the same time and of the same age on every run.
fn steady(said: &str) -> String {
    if let Some((before, after)) = said.split_once(" are left, until ")
        && let Some((_, after)) = after.split_once(" UTC")
    {
        return format!("{before} are left, until 2026-11-27 11:00 UTC{}", steady(after));
    }
    let Some((before, after)) = said.split_once(" taken 2") else {
        return said.to_owned();
    };
    let (_, after) = after.split_once(" old").expect("the age stands behind the time");
    format!("{before} taken 2026-11-24T08:00:00Z, 3 hours old{after}")
}

/// Whether a command tells what was done.
fn is_of_history(typed: &str) -> bool {
    ["infield log", "infield blame"]
        .iter()
        .any(|command| typed.starts_with(command))
}

/// The same, done at the same time by runs of the same id.
fn undated(said: &str) -> String {
    let mut text = said.to_owned();
    let time = "2026-11-24 08:00";
    for (at, _) in said.match_indices(" UTC") {
        text.replace_range(at - time.len()..at, time);
    }
    let id = "9c41e07b";
    for (at, found) in said.match_indices("run ") {
        let at = at + found.len();
        let is_id = |id: &str| id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if said.get(at..at + id.len()).is_some_and(is_id) {
            text.replace_range(at..at + id.len(), id);
        }
    }
    text
}

/// The command with the name behind this option, if it has one.
fn naming(option: &str, typed: &str, name: &str) -> String {
    let Some((before, after)) = typed.split_once(option) else {
        return typed.to_owned();
    };
    let rest = after
        .split_once(' ')
        .map_or(String::new(), |(_, rest)| format!(" {rest}"));
    format!("{before}{option}{name}{rest}")
}

fn exit_codes() -> String {
    let mut table = String::from("| code | meaning |\n|---|---|\n");
    for (exit, meaning) in Exit::TABLE {
        let _ = writeln!(table, "| {} | {meaning} |", exit.code());
    }
    table
}

fn endpoints() -> String {
    let mut table = String::from("| key | path | known from |\n|---|---|---|\n");
    for (_, key, path, evidence) in innovatemr::assumptions::ENDPOINTS {
        let evidence = match evidence {
            Evidence::Documented => "the vendor's page",
            Evidence::Client => "a public client",
            Evidence::Assumed => "assumed",
        };
        let _ = writeln!(table, "| `{key}` | `{path}` | {evidence} |");
    }
    table
}

fn capabilities(rows: &[Capability]) -> String {
    let mut table = String::from("| what | | how |\n|---|---|---|\n");
    for capability in rows {
        let can = match capability.ability {
            Ability::Can => "yes",
            Ability::NotYet => "not yet",
            Ability::Cannot => "the vendor cannot",
        };
        let assumed = if capability.documented {
            ""
        } else {
            ", in part assumed"
        };
        let _ = writeln!(
            table,
            "| {} | {can}{assumed} | {} |",
            capability.what, capability.comment
        );
    }
    table
}

fn questions() -> String {
    let mut table = String::from("| name | vendor's code | answers |\n|---|---|---|\n");
    for question in CODEBOOK
        .questions
        .iter()
        .filter(|question| !question.name.is_empty())
    {
        let mut names: Vec<String> = question
            .answers
            .iter()
            .filter(|answer| !answer.name.is_empty())
            .map(|answer| format!("`{}`", answer.name))
            .collect();
        if names.len() > 8 {
            let more = names.len() - 6;
            names.truncate(6);
            names.push(format!("and {more} more"));
        }
        let answers = match &question.kind {
            infield::model::codebook::Kind::Number { unit_name, .. } => {
                format!("numbers and ranges, {unit_name}")
            }
            infield::model::codebook::Kind::Open { shape, .. } => format!("codes as quoted texts: {shape}"),
            infield::model::codebook::Kind::Choice if names.is_empty() => "codes as quoted texts".to_owned(),
            infield::model::codebook::Kind::Choice => names.join(", "),
        };
        let _ = writeln!(table, "| `{}` | {} | {answers} |", question.name, question.code);
    }
    for grouping in CODEBOOK.groupings {
        let names: Vec<String> = grouping
            .sets
            .iter()
            .map(|set| format!("`{}`", set.name))
            .collect();
        let _ = writeln!(
            table,
            "| `{}` | sets of {} | {} |",
            grouping.name,
            grouping.question,
            names.join(", ")
        );
    }
    table
}

fn paces() -> String {
    registry::install();
    let mut table = String::from("| marketplace | requests a second | at once | why |\n|---|--:|--:|---|\n");
    for vendor in VendorId::all() {
        let traffic = vendor.facts().traffic;
        let rate = traffic.pace.requests_per_second;
        let rate = rate.map_or_else(|| "no limit".to_owned(), |rate| rate.to_string());
        let (name, at_once, why) = (vendor.name(), traffic.pace.concurrency, traffic.why);
        let _ = writeln!(table, "| {name} | {rate} | {at_once} | {why} |");
    }
    table
}

fn guards() -> String {
    let mut table = String::from("| guard | stands before | default |\n|---|---|---|\n");
    for guard in Guard::ALL {
        let (before, rule) = (guard.stands_before(), guard.default_rule().word());
        let _ = writeln!(table, "| `{guard}` | {before} | {rule} |");
    }
    table
}

#[test]
fn every_command_is_listed() {
    let text = book();
    let help = Project::empty().ok(&["-h"]).stdout;
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    // A summary that goes on in another line is indented deeper.
    for line in commands.lines().filter(|line| !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        if name != "help" {
            assert!(
                text.contains(&format!("\n| `{name}` | ")),
                "{name} is not in the table of commands"
            );
        }
    }
}

/// The workflow to copy as it is shown: commits by what they stand for.
fn short_workflow() -> String {
    let text = std::fs::read_to_string("examples/ci/github/workflows/short.yml").unwrap();
    let commit = |word: &str| match word {
        "0000000000000000000000000000000000000000" => "FULL_COMMIT".to_owned(),
        hash => format!(
            "v{}",
            hash.split("# v").nth(1).unwrap().split('.').next().unwrap()
        ),
    };
    let line = |line: &str| match line
        .split_once("uses: ")
        .and_then(|(_, used)| used.split_once('@'))
    {
        Some((_, word)) => line.replace(word, &commit(word)),
        None => line.to_owned(),
    };
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(line)
        .collect();
    lines.join("\n")
}

#[test]
fn every_manifest_shown_is_valid() {
    // Explanations of mistakes show mistakes; `tests/it/explain.rs` holds them to that.
    let pages = pages().into_iter();
    let pages = pages.filter(|(page, _)| page != "docs/reference/codes.md");
    let text = pages.map(|(_, text)| text).collect::<Vec<_>>().join("\n");
    let mut found = 0;
    for block in text.split("\n```yaml\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        if block.starts_with("on:") {
            assert_eq!(block, short_workflow());
            continue;
        }
        let project = Project::empty();
        let name = if block.contains("kind: Project") {
            "infield.yaml"
        } else {
            "shown.yaml"
        };
        project.write(name, &format!("{block}\n"));
        if name == "infield.yaml" {
            project.write("one.yaml", &survey("one", ""));
        }
        project.ok(&["validate"]);
        found += 1;
    }
    assert!(found >= 8, "{found} blocks of yaml");
}

#[test]
fn every_request_to_the_sandbox_is_taken() {
    let text = book();
    let sandbox = Sandbox::start();
    Project::example("quickstart").with(&sandbox).apply();
    let mut found = 0;
    for block in text.split("\n```json POST ").skip(1) {
        let (path, body) = block.split("\n```").next().unwrap().split_once('\n').unwrap();
        let what = path.strip_prefix("/_sandbox/").unwrap();
        sandbox.admin("POST", what, serde_json::from_str(body).unwrap());
        found += 1;
    }
    assert_eq!(found, 5, "requests to the sandbox");
    for line in text
        .lines()
        .filter(|line| line.contains("/_sandbox/") && line.starts_with("| `"))
    {
        let cell = line.split('`').collect::<Vec<_>>().join(" ");
        let path = cell
            .split_whitespace()
            .find(|word| word.starts_with("/_sandbox/"))
            .unwrap();
        let method = if cell.contains("GET") { "GET" } else { "POST" };
        let (status, _) = sandbox.http(method, path, &serde_json::Value::Null);
        assert_ne!(status, 404, "{method} {path}");
    }
}
