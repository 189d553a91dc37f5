//! The shape of the program: who may know whom, where a vendor's words may stand, and that no file is forgotten.
//!
//! Reads the source as text. When it fails after a change, either the change goes the wrong way, or this table is
//! what the change is about.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every top-level module with the modules it may use. The order is from the bottom up.
const ALLOWED: [(&str, &[&str]); 22] = [
    ("model", &[]),
    ("sandbox", &[]),
    ("diag", &[]),
    ("yaml", &["diag"]),
    ("plan", &["model"]),
    // The rules of vendors are described as diagnostics are; emulators live in their vendors' folders.
    ("vendor", &["diag", "model", "plan", "sandbox"]),
    ("manifest", &["diag", "model", "vendor", "yaml"]),
    ("format", &["diag", "manifest", "yaml"]),
    ("lsp", &["diag", "format", "manifest", "model", "plan", "yaml"]),
    ("refresh", &["model", "plan", "vendor"]),
    ("fieldwork", &["model", "plan"]),
    ("freeze", &["model", "plan", "refresh"]),
    ("import", &["model"]),
    ("state", &["model"]),
    ("recover", &["model", "plan", "refresh", "state", "vendor"]),
    ("picture", &["model", "plan", "recover", "refresh", "vendor"]),
    ("apply", &["model", "plan", "refresh", "state", "vendor"]),
    (
        "workflow",
        &["model", "plan", "recover", "refresh", "state", "vendor"],
    ),
    ("saved", &["model", "plan", "state", "workflow"]),
    ("reconcile", &["model", "plan", "state", "vendor"]),
    // The schemas of all machine formats are listed in one place.
    (
        "report",
        &[
            "apply",
            "diag",
            "fieldwork",
            "model",
            "plan",
            "reconcile",
            "vendor",
        ],
    ),
    (
        "cli",
        &[
            "apply",
            "diag",
            "fieldwork",
            "format",
            "freeze",
            "import",
            "lsp",
            "manifest",
            "model",
            "picture",
            "plan",
            "reconcile",
            "recover",
            "refresh",
            "report",
            "sandbox",
            "saved",
            "state",
            "vendor",
            "workflow",
            "yaml",
        ],
    ),
];

/// Words of vendors' APIs that must not leave their folders. `template_id` is a word of manifests too.
const VENDOR_WORDS: [&str; 33] = [
    "completes_goal",
    "fielding_specification",
    "business_unit_id",
    "cost_per_interview",
    "target_group_customer_reference_number",
    "project_customer_reference_number",
    "project_manager_id",
    "quotas_enabled",
    "industry_lockout_code",
    "open_exchange_allocations",
    "fielding_assistant_assignment",
    "end_fielding_at",
    "apiStatus",
    "MaximumCostPerInterview",
    "EstCostPerInterview",
    "LiveSurveyUrl",
    "TestSurveyUrl",
    "QuestionKey",
    "HardStop",
    "ps_survey_id",
    "ps_survey_status",
    "ps_quota_id",
    "ps_api_response",
    "buyer_quota_id",
    "buyer_surveygroup",
    "survey_localization",
    "survey_category_code",
    "completes_required",
    "required_count",
    "condition_codes",
    "range_sets",
    "offer_price",
    "field_time",
];

/// The folders of vendors.
const VENDORS: [&str; 3] = ["cint", "innovatemr", "purespectrum"];

/// Longest file, in lines.
const MAX_LINES: usize = 500;

/// Files that may be longer, and why.
const LONG: [(&str, &str); 2] = [
    (
        "src/vendor/purespectrum/limits.rs",
        "one table of rules with its tests",
    ),
    ("src/state/remote.rs", "one store with its lease and tests"),
];

/// Files outside of `cli` that look at the clock, and why.
const CLOCKS: [(&str, &str); 2] = [
    (
        "src/sandbox/clock.rs",
        "a server with a clock of its own that can be moved",
    ),
    ("src/state/remote.rs", "a lease ends by the time of day"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, relative to the repository, sorted.
fn rust_files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let path = path.strip_prefix(root()).unwrap();
                files.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    files.sort();
    files
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The code of a file, without its comments and without its tests, which may reach further.
fn code(file: &str) -> String {
    let text = text(file);
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The top-level module a file belongs to; `None` for `lib.rs` and `main.rs`.
fn module(file: &str) -> Option<&str> {
    let name = file.strip_prefix("src/")?.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "lib" && name != "main").then_some(name)
}

/// First names after `crate::`, grouped imports included.
fn used(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        let list = match part.strip_prefix('{') {
            Some(group) => top_level(group),
            None => vec![part.to_owned()],
        };
        for item in list {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name: String = item.trim().chars().take_while(|c| word(*c)).collect();
            // What is not a module is a macro or an item of `lib.rs`, of which there are none.
            names.insert(name);
        }
    }
    names
}

/// The items of a group up to its closing brace, without what is nested in them.
fn top_level(group: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ if depth == 0 => items.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    items
}

#[test]
fn groups_of_imports_are_read() {
    let names = used("use crate::{manifest::{self, x}, report}; crate::model::Call; use crate::yaml;");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(names, ["manifest", "model", "report", "yaml"]);
}

#[test]
fn modules_use_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut present: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let files = rust_files("src");
    let mut wrong = Vec::new();
    for file in &files {
        let Some(module) = module(file) else { continue };
        let Some(may) = allowed.get(module) else {
            wrong.push(format!(
                "{file}: the module `{module}` is not in the table of tests/it/layering.rs"
            ));
            continue;
        };
        for name in used(&code(file)) {
            if name != module {
                if !may.contains(&name.as_str()) {
                    wrong.push(format!("{file}: `{module}` may not use `{name}`"));
                }
                present.entry(module).or_default().insert(name);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (module, may) in ALLOWED {
        for name in may {
            let there = present.get(module).is_some_and(|names| names.contains(*name));
            assert!(
                there,
                "`{module}` uses `{name}` no more: take the arrow out of the table"
            );
        }
    }
}

#[test]
fn no_arrow_leads_in_a_circle() {
    let mut below: BTreeSet<&str> = BTreeSet::new();
    for (module, may) in ALLOWED {
        for name in may {
            assert!(
                below.contains(name),
                "`{module}` uses `{name}`, which is not below it"
            );
        }
        below.insert(module);
    }
}

#[test]
fn what_is_pure_stays_pure() {
    for file in rust_files("src") {
        if !matches!(module(&file), Some("fieldwork" | "model" | "plan")) {
            continue;
        }
        let code = code(&file);
        for word in [
            "async ",
            "tokio",
            "reqwest",
            "clap",
            "miette",
            "std::env",
            "std::fs",
            "std::time",
            "SystemTime",
            "Timestamp::now",
        ] {
            assert!(!code.contains(word), "{file}: `{word}` in a pure module");
        }
    }
    for file in rust_files("src") {
        if !matches!(module(&file), Some("cli") | None) {
            let code = code(&file);
            for word in ["clap::", "Timestamp::now()", "std::env::var", "process::exit"] {
                let clock = word == "Timestamp::now()" && CLOCKS.iter().any(|(name, _)| *name == file);
                assert!(clock || !code.contains(word), "{file}: `{word}` belongs to `cli`");
            }
        }
    }
}

#[test]
fn a_vendors_words_stay_in_its_folder() {
    for file in rust_files("src") {
        if VENDORS
            .iter()
            .any(|vendor| file.starts_with(&format!("src/vendor/{vendor}/")))
        {
            continue;
        }
        let text = text(&file);
        for word in VENDOR_WORDS {
            assert!(
                !text.contains(word),
                "{file}: `{word}` belongs into its vendor's folder"
            );
        }
    }
}

#[test]
fn an_emulator_shares_nothing_with_its_client() {
    for vendor in VENDORS {
        let folder = format!("src/vendor/{vendor}");
        for file in rust_files(&folder) {
            let code = code(&file);
            if file.starts_with(&format!("{folder}/sandbox/")) {
                let names: Vec<String> = used(&code).into_iter().filter(|name| name != "sandbox").collect();
                assert!(names.is_empty(), "{file}: the emulator uses {names:?}");
                assert!(
                    !code.contains("super::super"),
                    "{file}: the emulator reaches out of its folder"
                );
            } else {
                assert!(
                    !code.contains("sandbox::"),
                    "{file}: the client uses the emulator"
                );
            }
        }
    }
}

#[test]
fn manifests_know_vendors_as_data_only() {
    for file in rust_files("src/manifest") {
        let code = code(&file);
        for word in [
            "session",
            "transport",
            "connect",
            "client",
            "Reader",
            "Writer",
            "Account",
        ] {
            let path = format!("vendor::{word}");
            assert!(
                !code.contains(&path),
                "{file}: `{path}` in a module that is offline"
            );
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for file in rust_files("src") {
        let lines = text(&file).lines().count();
        let excused = LONG.iter().any(|(name, _)| *name == file);
        assert!(excused || lines <= MAX_LINES, "{file} has {lines} lines");
    }
    for (file, why) in LONG {
        assert!(!why.is_empty());
        assert!(
            root().join(file).exists(),
            "{file} is gone: take it out of the list"
        );
    }
}

/// A file nobody names is compiled by nobody and tests nothing.
#[test]
fn no_file_is_forgotten() {
    let mut forgotten = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let path = Path::new(&file);
        let (folder, stem) = (
            path.parent().unwrap(),
            path.file_stem().unwrap().to_str().unwrap(),
        );
        let is_root = matches!(file.as_str(), "src/lib.rs" | "src/main.rs")
            || folder == Path::new("tests")
            || (stem == "main" && folder.parent() == Some(Path::new("tests")));
        if is_root {
            continue;
        }
        let (name, mut homes) = if stem == "mod" {
            let name = folder.file_name().unwrap().to_str().unwrap();
            (name, vec![folder.parent().unwrap().to_owned()])
        } else {
            (stem, vec![folder.to_owned()])
        };
        let home = homes.pop().unwrap();
        let parents = [
            home.join("mod.rs"),
            home.join("lib.rs"),
            home.join("main.rs"),
            home.with_extension("rs"),
        ];
        let named = parents
            .iter()
            .filter_map(|parent| fs::read_to_string(root().join(parent)).ok())
            .any(|text| {
                text.lines().any(|line| {
                    let line = line.trim();
                    let line = line
                        .split_once("mod ")
                        .filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
                    line.is_some_and(|(_, rest)| rest.strip_suffix(';') == Some(name))
                })
            });
        if !named {
            forgotten.push(file);
        }
    }
    assert!(forgotten.is_empty(), "no module names {forgotten:?}");
}
