//! Files that use each other in a circle cannot be read one after the other. No circle leads through several folders, and
//! none has more than three files.
//!
//! Reads the source as text, like `layering`: `use`, grouped or not, and paths within the code. What a module hands on with
//! `pub use` counts as the file that defines it. A `mod.rs` that only declares and hands on is part of no circle.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::layering::{code, rust_files};
use std::collections::{BTreeMap, BTreeSet};

/// Most files of a circle.
const MOST: usize = 3;

/// Folders whose circles are known, and are to go.
const KNOWN: [&str; 0] = [];

/// A module or an item, as the names that lead to it from the root.
type Name = Vec<String>;

/// The program as files that use each other.
struct Program {
    /// The file of each module.
    modules: BTreeMap<Name, String>,
    /// Where modules hand names on to.
    handed_on: BTreeMap<Name, Name>,
    code: BTreeMap<String, String>,
}

/// The module that a file is.
fn module(file: &str) -> Name {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut names: Name = path.split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| last == "mod" || last == "lib") {
        names.pop();
    }
    names
}

/// A list at its commas, those within braces left alone.
fn items(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_usize;
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        items.last_mut().unwrap().push(c);
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// The single paths of an import.
fn paths(import: &str) -> Vec<String> {
    let Some((before, rest)) = import.split_once('{') else {
        return vec![import.trim().to_owned()];
    };
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let inner = items(inside).into_iter().flat_map(|item| paths(&item));
    inner.map(|path| format!("{}{path}", before.trim())).collect()
}

/// The imports of a file with whether they hand names on, and what else is in it.
fn imports(code: &str) -> (Vec<(bool, String)>, String) {
    let (mut imports, mut rest) = (Vec::new(), String::new());
    let mut open: Option<(bool, String)> = None;
    for line in code.lines() {
        let (public, private) = match line.trim().split_once("use ") {
            // Not the end of a longer word, as in `pub enum Cause`.
            Some((before, _)) => (
                before.starts_with("pub") && before.ends_with(' '),
                before.is_empty(),
            ),
            None => (false, false),
        };
        if open.is_none() && (public || private) {
            open = Some((public, String::new()));
        }
        let Some((public, text)) = &mut open else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        text.push_str(line.trim());
        text.push(' ');
        if let Some((import, _)) = text.clone().split_once(';') {
            let import = import.split_once("use ").map_or("", |(_, import)| import);
            imports.push((*public, import.to_owned()));
            open = None;
        }
    }
    (imports, rest)
}

/// The modules that a file declares.
fn declared(code: &str) -> BTreeSet<&str> {
    let lines = code.lines().filter_map(|line| line.trim().strip_suffix(';'));
    let words = lines.filter_map(|line| line.split_once("mod "));
    words.map(|(_, name)| name).collect()
}

/// Whether a file does more than declare modules and hand names on.
fn has_items(code: &str) -> bool {
    let (_, rest) = imports(code);
    let lines = rest.lines().map(str::trim);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with("#["));
    !lines.all(|line| line.contains("mod ") && line.ends_with(';'))
}

impl Program {
    fn read() -> Self {
        let files = rust_files("src").into_iter();
        let files = files.filter(|file| file != "src/main.rs");
        let code: BTreeMap<String, String> = files
            .map(|file| (file.clone(), code(&file)))
            .filter(|(_, code)| !code.is_empty())
            .collect();
        let modules = code.keys().map(|file| (module(file), file.clone())).collect();
        let mut program = Self {
            modules,
            handed_on: BTreeMap::new(),
            code,
        };
        let mut handed_on = BTreeMap::new();
        for (module, file) in &program.modules {
            let (imports, _) = imports(&program.code[file]);
            for path in imports
                .iter()
                .filter(|(public, _)| *public)
                .flat_map(|(_, import)| paths(import))
            {
                let (path, alias) = path.split_once(" as ").unwrap_or((&path, ""));
                let Some(mut target) = program.absolute(module, path) else {
                    continue;
                };
                target.retain(|name| name != "self");
                let name = match alias.trim() {
                    "" => target.last().cloned(),
                    alias => Some(alias.to_owned()),
                };
                let from: Name = module.iter().cloned().chain(name).collect();
                if from != target {
                    handed_on.insert(from, target);
                }
            }
        }
        program.handed_on = handed_on;
        program
    }

    /// A path within a module as seen from the root; none for what belongs to another crate.
    fn absolute(&self, module: &Name, path: &str) -> Option<Name> {
        let path = path.split(" as ").next().unwrap();
        let mut names: Name = path.split("::").map(|name| name.trim().to_owned()).collect();
        let mut from = module.clone();
        match names[0].as_str() {
            "crate" => from.clear(),
            "self" | "super" => {
                while names
                    .first()
                    .is_some_and(|name| name == "super" || name == "self")
                {
                    if names.remove(0) == "super" {
                        from.pop();
                    }
                }
                from.extend(names);
                return Some(from);
            }
            child => {
                from.push(child.to_owned());
                self.modules.get(&from)?;
            }
        }
        from.extend(names.drain(1..));
        Some(from)
    }

    /// The file that defines what is named.
    fn file(&self, name: &Name) -> Option<&String> {
        let mut name = name.clone();
        name.retain(|part| part != "self");
        // Names are handed on from module to module, and never in a ring.
        for _ in 0..10 {
            let module = (0..=name.len())
                .rev()
                .find(|end| self.modules.contains_key(&name[..*end]))?;
            let shorter = (1..=name.len()).find_map(|end| Some((end, self.handed_on.get(&name[..end])?)));
            match shorter.filter(|(end, _)| *end > module) {
                Some((end, target)) => name = target.iter().chain(&name[end..]).cloned().collect(),
                None => return self.modules.get(&name[..module]),
            }
        }
        None
    }

    /// The files that each file uses.
    fn uses(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (module, file) in &self.modules {
            let code = &self.code[file];
            let (imports, rest) = imports(code);
            let private = imports.iter().filter(|(public, _)| !public);
            let mut named: Vec<String> = private.flat_map(|(_, import)| paths(import)).collect();
            let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
            let children = declared(code);
            named.extend(rest.split(part).filter_map(|path| {
                let (first, _) = path.split_once("::")?;
                let ours = ["crate", "self", "super"].contains(&first) || children.contains(first);
                ours.then(|| path.trim_end_matches(':').to_owned())
            }));
            let used = named
                .iter()
                .filter_map(|path| self.file(&self.absolute(module, path)?));
            let used = used.filter(|used| *used != file && has_items(&self.code[*used]));
            uses.insert(file, used.map(String::as_str).collect());
        }
        uses
    }
}

/// Everything that is reached from a file by one arrow or more.
fn reached<'p>(uses: &BTreeMap<&'p str, BTreeSet<&'p str>>, from: &str) -> BTreeSet<&'p str> {
    let mut open: Vec<&str> = uses[from].iter().copied().collect();
    let mut seen = BTreeSet::new();
    while let Some(file) = open.pop() {
        if seen.insert(file) {
            open.extend(uses[file].iter().copied());
        }
    }
    seen
}

/// The circles among files, each once.
fn circles<'p>(uses: &BTreeMap<&'p str, BTreeSet<&'p str>>) -> BTreeSet<BTreeSet<&'p str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        uses.keys().map(|file| (*file, reached(uses, file))).collect();
    let turning = reach.iter().filter(|(file, reached)| reached.contains(*file));
    let back = |file: &str, others: &BTreeSet<&'p str>| {
        let back = others.iter().filter(|other| reach[*other].contains(file));
        back.copied().collect()
    };
    turning.map(|(file, others)| back(file, others)).collect()
}

/// The folder of a file; that of its parts, where it has one.
fn folder(file: &str) -> &str {
    let own = file.trim_end_matches(".rs");
    match std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(own)
        .is_dir()
    {
        true => own,
        false => file.rsplit_once('/').map_or("", |(folder, _)| folder),
    }
}

#[test]
fn imports_are_read_with_their_groups_and_their_names() {
    assert_eq!(
        paths("crate::{manifest::{self, x as y}, report}"),
        [
            "crate::manifest::self",
            "crate::manifest::x as y",
            "crate::report"
        ]
    );
    let text = "use a::{\n    b,\n    c,\n};\npub(crate) use d;\n#[cfg(x)]\npub mod e;\n";
    let (found, rest) = imports(text);
    assert_eq!(
        found,
        [(false, "a::{ b, c, }".to_owned()), (true, "d".to_owned())]
    );
    assert_eq!(paths(&found[0].1), ["a::b", "a::c"]);
    assert_eq!(rest, "#[cfg(x)]\npub mod e;\n");
    assert!(!has_items(text));
    assert!(has_items("mod a;\nfn b() {}\n"));
    assert!(imports("pub enum Cause {\n}\n").0.is_empty());
}

#[test]
fn what_is_handed_on_counts_as_the_file_that_defines_it() {
    let program = Program::read();
    let name = |path: &str| program.absolute(&Vec::new(), path).unwrap();
    let file = |path: &str| program.file(&name(path)).unwrap().as_str();
    assert_eq!(file("crate::manifest::load"), "src/manifest/load.rs");
    assert_eq!(
        file("crate::manifest::schema::of"),
        "src/manifest/shape/schema.rs"
    );
    assert_eq!(file("crate::model::Field"), "src/model/field.rs");
    let uses = program.uses();
    assert!(uses["src/manifest/load.rs"].contains("src/manifest/document.rs"));
    assert!(!uses["src/manifest/document.rs"].contains("src/manifest/load.rs"));
}

#[test]
fn circles_are_found() {
    let uses = [
        ("a", &["b"][..]),
        ("b", &["c", "d"]),
        ("c", &["a"]),
        ("d", &[]),
        ("e", &["f"]),
        ("f", &["e"]),
    ];
    let uses = uses
        .into_iter()
        .map(|(file, used)| (file, used.iter().copied().collect()))
        .collect();
    let expected = [["a", "b", "c"].into(), ["e", "f"].into()];
    assert_eq!(circles(&uses), expected.into());
}

#[test]
fn no_circle_leads_through_several_folders_or_many_files() {
    let program = Program::read();
    let uses = program.uses();
    let mut known = BTreeSet::new();
    let mut wrong = Vec::new();
    for circle in circles(&uses) {
        let folders: BTreeSet<&str> = circle.iter().map(|file| folder(file)).collect();
        if folders.len() == 1 && circle.len() <= MOST {
            continue;
        }
        let within = |place: &&str| circle.iter().all(|file| file.starts_with(&format!("{place}/")));
        if let Some(place) = KNOWN.into_iter().find(within) {
            known.insert(place);
            continue;
        }
        for file in &circle {
            let used: Vec<&str> = uses[file].intersection(&circle).copied().collect();
            wrong.push(format!("{file} uses {}", used.join(", ")));
        }
        wrong.push(String::new());
    }
    assert!(
        wrong.is_empty(),
        "these files use each other:\n{}",
        wrong.join("\n")
    );
    for place in KNOWN {
        assert!(
            known.contains(place),
            "{place} has no such circle any more: take it out of the list"
        );
    }
}
