//! The shape of the program: who may know whom, where a vendor's words may stand, and that no file is forgotten.
//!
//! Reads the source as text. When it fails after a change, either the change goes the wrong way, or this table is
//! what the change is about.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every top-level module with the modules it may use. The order is from the bottom up.
const ALLOWED: [(&str, &[&str]); 25] = [
    ("text", &[]),
    ("model", &["text"]),
    ("diag", &["text"]),
    ("yaml", &["diag", "text"]),
    ("plan", &["model", "text"]),
    // The rules of vendors are described as diagnostics are.
    ("marketplace", &["diag", "model", "plan", "text"]),
    ("manifest", &["diag", "model", "marketplace", "yaml", "text"]),
    ("format", &["diag", "manifest", "yaml"]),
    (
        "lsp",
        &[
            "diag",
            "format",
            "manifest",
            "marketplace",
            "model",
            "plan",
            "yaml",
        ],
    ),
    ("refresh", &["model", "plan", "marketplace"]),
    ("fieldwork", &["model", "plan"]),
    ("freeze", &["model", "plan", "refresh"]),
    ("import", &["model", "text"]),
    ("state", &["model", "text"]),
    ("recover", &["model", "plan", "state", "marketplace"]),
    (
        "picture",
        &["model", "plan", "recover", "refresh", "marketplace", "text"],
    ),
    ("apply", &["model", "plan", "refresh", "state", "marketplace"]),
    // What was done and seen: no plan knows it.
    (
        "history",
        &["apply", "fieldwork", "model", "plan", "state", "text"],
    ),
    (
        "workflow",
        &["model", "plan", "recover", "refresh", "state", "marketplace"],
    ),
    ("saved", &["model", "plan", "state", "workflow"]),
    ("reconcile", &["model", "plan", "state", "marketplace", "text"]),
    // The schemas of all machine formats are listed in one place.
    ("notify", &["fieldwork", "history", "model"]),
    (
        "report",
        &[
            "apply",
            "diag",
            "fieldwork",
            "history",
            "model",
            "notify",
            "plan",
            "reconcile",
            "marketplace",
            "text",
        ],
    ),
    // Use cases, for whoever has a terminal, a clock and the environment of a process to give.
    (
        "flow",
        &[
            "apply",
            "diag",
            "fieldwork",
            "format",
            "freeze",
            "history",
            "import",
            "manifest",
            "marketplace",
            "model",
            "notify",
            "plan",
            "reconcile",
            "recover",
            "refresh",
            "report",
            "saved",
            "state",
            "workflow",
            "yaml",
            "text",
        ],
    ),
    (
        "cli",
        &[
            "apply",
            "diag",
            "fieldwork",
            "flow",
            "format",
            "history",
            "lsp",
            "manifest",
            "model",
            "picture",
            "plan",
            "reconcile",
            "recover",
            "refresh",
            "report",
            "saved",
            "state",
            "marketplace",
            "workflow",
            "yaml",
            "text",
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

/// The folders of vendors, here and in the sandbox.
const VENDORS: [&str; 3] = ["cint", "innovatemr", "purespectrum"];

/// Lines outside of vendors' folders that name one, by a part of them, and why they may. None of them decides anything.
const NAMED: [(&str, &str, &str); 10] = [
    ("src/marketplace/mod.rs", "pub mod ", "the folders are declared"),
    (
        "src/marketplace/mod.rs",
        "::facts::ID as ",
        "names for tests and tools",
    ),
    ("src/cli/import.rs", "after_help = ", "an example"),
    ("src/cli/lookup.rs", "infield lookup ", "examples"),
    ("src/cli/new.rs", "infield new ", "an example"),
    ("src/diag/code.rs", "PureSpectrum applies one template", "a text"),
    ("src/diag/code.rs", "by a block such as", "an example"),
    ("src/manifest/shape/fields.rs", "\"examples\"", "examples"),
    ("src/report/plan_json.rs", "example = ", "an example"),
    ("src/report/state_list.rs", "example = ", "an example"),
];

/// What the parts of `marketplace` may use of each other; `*` stands for every vendor's folder. Everything that is not
/// here is neutral code over the registry.
const ROOMS: [(&str, &[&str]); 6] = [
    ("http", &[]),
    ("shelf", &["http"]),
    ("account", &[]),
    ("contract", &["account", "http", "shelf"]),
    ("*", &["account", "contract", "http", "shelf"]),
    ("registry", &["*", "contract"]),
];

/// Longest file, in lines.
const MAX_LINES: usize = 500;

/// Files that may be longer, and why.
const LONG: [(&str, &str); 1] = [(
    "src/marketplace/purespectrum/limits.rs",
    "one table of rules with its tests",
)];

/// The sandbox: the emulated vendors, a crate of its own.
const SANDBOX: &str = "crates/sandbox/src";

/// Files outside of `cli` that look at the clock, and why.
const CLOCKS: [(&str, &str); 2] = [
    (
        "crates/sandbox/src/clock.rs",
        "a server with a clock of its own that can be moved",
    ),
    ("src/state/remote.rs", "a lease ends by the time of day"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder, relative to the repository, sorted.
pub(crate) fn rust_files(folder: &str) -> Vec<String> {
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

/// All Rust files of the program and of the sandbox.
fn all_sources() -> Vec<String> {
    let mut files = rust_files("src");
    files.extend(rust_files(SANDBOX));
    files
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// The code of a file, without its comments and without its tests, which may reach further.
pub(crate) fn code(file: &str) -> String {
    let tests = ["/tests.rs", "/scripted.rs", "/shown.rs"];
    if file.contains("src/") && (file.contains("/tests/") || tests.iter().any(|name| file.ends_with(name))) {
        return String::new();
    }
    let text = text(file);
    // A module of tests that is a file of its own may be declared anywhere; one that is written here ends the file.
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The top-level module of its crate that a file belongs to; `None` for `lib.rs` and `main.rs`.
fn module(file: &str) -> Option<&str> {
    let (_, path) = file.split_once("src/")?;
    let name = path.split('/').next()?;
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
    for file in all_sources() {
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
    for file in all_sources() {
        let is_in = |folder: &str, vendor: &str| file.starts_with(&format!("{folder}/{vendor}/"));
        let mut vendors = VENDORS.into_iter();
        if vendors.any(|vendor| is_in("src/marketplace", vendor) || is_in(SANDBOX, vendor)) {
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

/// A further marketplace is a folder and a line in the registry: nothing else knows one by its name.
#[test]
fn only_the_registry_knows_a_vendor_by_name() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for file in rust_files("src") {
        let home = VENDORS
            .iter()
            .any(|vendor| file.starts_with(&format!("src/marketplace/{vendor}/")));
        if home || file == "src/marketplace/registry.rs" || file.ends_with("/tests.rs") {
            continue;
        }
        for line in code(&file).lines() {
            let words = line.to_ascii_lowercase();
            let words = words.split(|c: char| !c.is_ascii_alphanumeric());
            if !words.into_iter().any(|word| VENDORS.contains(&word)) {
                continue;
            }
            let excused = NAMED
                .iter()
                .position(|(name, part, _)| *name == file && line.contains(part));
            match excused {
                Some(index) => drop(used.insert(index)),
                None => wrong.push(format!("{file}: {}", line.trim())),
            }
        }
    }
    assert!(wrong.is_empty(), "a vendor is named:\n{}", wrong.join("\n"));
    for (index, (file, part, why)) in NAMED.iter().enumerate() {
        assert!(!why.is_empty());
        assert!(
            used.contains(&index),
            "{file} names no vendor with `{part}` any more: take it out of the list"
        );
    }
}

#[test]
fn the_rooms_of_marketplace_know_only_what_is_below_them() {
    let rooms: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let folder = "src/marketplace/";
    let known = |name: &str| if VENDORS.contains(&name) { "*" } else { name }.to_owned();
    let mut wrong = Vec::new();
    for file in rust_files("src/marketplace") {
        let name = file.strip_prefix(folder).unwrap().split('/').next().unwrap();
        let name = name.strip_suffix(".rs").unwrap_or(name);
        let Some(may) = rooms.get(known(name).as_str()) else {
            continue;
        };
        let code = code(&file);
        let mut paths: Vec<&str> = code.split("marketplace::").skip(1).collect();
        if file.matches('/').count() == 2 {
            paths.extend(code.split("super::").skip(1));
        }
        for path in paths {
            let names = match path.strip_prefix('{') {
                Some(group) => top_level(group),
                None => vec![path.to_owned()],
            };
            for used in names {
                let word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                let used: String = used.trim().chars().take_while(word).collect();
                // Types and constants are re-exported by the module itself.
                let module = used.starts_with(|c: char| c.is_ascii_lowercase());
                if module && used != name && !may.contains(&known(&used).as_str()) {
                    wrong.push(format!("{file}: `{name}` may not use `{used}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A client and an emulator read the vendor's documents apart from each other; then a misreading in one shows against the
/// other. The border of the crates keeps it so, as long as only one of them knows the other.
#[test]
fn the_sandbox_does_not_depend_on_the_program() {
    let manifest = text("crates/sandbox/Cargo.toml");
    let settings = manifest.lines().map(|line| line.split('#').next().unwrap());
    let lines: Vec<&str> = settings.map(str::trim).filter(|line| !line.is_empty()).collect();
    assert!(lines.contains(&"[dependencies]"), "{lines:?}");
    for line in lines {
        let name = line.split(['=', '.', ' ']).next().unwrap();
        assert_ne!(
            name.trim_matches('"'),
            "infield",
            "crates/sandbox/Cargo.toml: `{line}`"
        );
        // Under another name, from this folder, or as a table of its own.
        let tight = line.replace(' ', "");
        for word in ["path=", "package=", "dependencies."] {
            assert!(!tight.contains(word), "crates/sandbox/Cargo.toml: `{line}`");
        }
    }
    for file in rust_files(SANDBOX) {
        let code = code(&file);
        assert!(!code.contains("#[path"), "{file}: a file of somewhere else");
        assert!(!code.contains("include!"), "{file}: a file of somewhere else");
    }
}

#[test]
fn only_the_command_line_and_the_transport_in_process_know_the_sandbox() {
    for file in rust_files("src") {
        let may = module(&file) == Some("cli") || file.ends_with("/in_process.rs");
        assert!(
            may || !code(&file).contains("infield_sandbox"),
            "{file}: a client uses an emulator"
        );
    }
}

#[test]
fn emulators_know_nothing_of_each_other_and_their_server_nothing_of_them() {
    for file in rust_files(SANDBOX) {
        let own = module(&file).filter(|module| VENDORS.contains(module));
        for vendor in VENDORS {
            // The root lists them.
            if module(&file).is_none() || own == Some(vendor) {
                continue;
            }
            let code = code(&file);
            let names = [
                format!("crate::{vendor}"),
                format!("super::{vendor}"),
                format!("\"{vendor}"),
            ];
            for name in names {
                assert!(!code.contains(&name), "{file}: uses `{vendor}`");
            }
        }
        let depth = file.matches('/').count() - SANDBOX.matches('/').count();
        let up = "super::".repeat(depth - usize::from(file.ends_with("/mod.rs")));
        assert!(
            own.is_none() || !code(&file).contains(&up),
            "{file}: reaches out of its folder other than by `crate::`"
        );
    }
}

#[test]
fn manifests_know_vendors_as_data_only() {
    for file in rust_files("src/manifest") {
        let code = code(&file);
        for word in ["http", "connect", "client", "Reader", "Writer", "Account"] {
            let path = format!("marketplace::{word}");
            assert!(
                !code.contains(&path),
                "{file}: `{path}` in a module that is offline"
            );
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for file in all_sources() {
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

/// Tests beside the code are about the module that they stand in.
#[test]
fn every_module_opens_with_what_it_is_for() {
    for file in all_sources() {
        let is_test = file.ends_with("/tests.rs") || file.contains("/tests/");
        assert!(
            is_test || text(&file).starts_with("//! "),
            "{file} does not say what it is for"
        );
    }
}

/// A file nobody names is compiled by nobody and tests nothing.
#[test]
fn no_file_is_forgotten() {
    let mut forgotten = Vec::new();
    for file in ["src", "tests", "crates"].into_iter().flat_map(rust_files) {
        let path = Path::new(&file);
        let (folder, stem) = (
            path.parent().unwrap(),
            path.file_stem().unwrap().to_str().unwrap(),
        );
        let (place, tests) = (folder.to_str().unwrap(), folder.parent().unwrap());
        let is_root = (matches!(stem, "lib" | "main") && matches!(place, "src" | SANDBOX))
            || folder.ends_with("tests")
            || (stem == "main" && tests.ends_with("tests"));
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
