//! What is handed out: the images of `examples/ci`, and what is checked of the packages that they are made of.

use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn whatever_is_shipped_comes_with_the_licence_texts_of_what_it_is_made_of() {
    let images = read("examples/ci/Dockerfile");
    assert!(images.contains(".ci/licences /out/licences/"));
    assert!(images.contains("cp LICENSE-* /out/licences"));
    let shipped = images
        .split("\nFROM ")
        .filter(|stage| stage.contains("--from=build /out/bin/infield"));
    let shipped: Vec<&str> = shipped.collect();
    assert_eq!(shipped.len(), 2);
    for stage in shipped {
        assert!(stage.contains("COPY --from=build /out/licences "), "{stage}");
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(!read(licence).is_empty());
    }
}

#[test]
fn licences_sources_and_texts_are_checked_before_a_merge() {
    let run = read(".ci/run");
    for step in [
        "cargo deny --locked --offline check licenses bans sources",
        ".ci/licences ",
    ] {
        assert!(run.contains(step), "{step}");
    }
    let rules = read("deny.toml");
    for section in ["[licenses]", "[bans]", "[sources]"] {
        assert!(rules.contains(section), "{section}");
    }
}

/// Every file of the repository that holds text, but what is built or downloaded.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let skipped = ["target", ".git", ".infield", "node_modules"];
    let mut walk = ignore::WalkBuilder::new(root);
    walk.standard_filters(false)
        .filter_entry(move |entry| !skipped.iter().any(|name| entry.file_name() == *name));
    let files = walk.build().filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    files
        .filter_map(|entry| {
            let name = entry.path().strip_prefix(root).ok()?.to_str()?.to_owned();
            Some((name, fs::read_to_string(entry.path()).ok()?))
        })
        .collect()
}

#[test]
fn where_this_is_kept_is_said_in_one_place() {
    let cargo = read("Cargo.toml");
    let said = |key: &str| {
        let line = format!("{key} = \"https://");
        let mut lines = cargo.lines().filter_map(|all| all.strip_prefix(&line));
        let address = lines
            .next()
            .unwrap_or_else(|| panic!("{key}"))
            .trim_end_matches('"');
        assert_eq!(lines.next(), None, "{key}");
        address.to_owned()
    };
    let address = said("repository");
    for key in ["homepage", "documentation"] {
        assert!(said(key).starts_with(&address), "{key}");
    }
    let texts = texts();
    assert!(
        texts.len() > 500
            && texts
                .iter()
                .any(|(name, _)| name == ".github/workflows/release.yml")
    );
    let elsewhere = texts.iter().filter(|(_, text)| text.contains(&address));
    let elsewhere: Vec<&str> = elsewhere.map(|(name, _)| name.as_str()).collect();
    assert_eq!(elsewhere, ["Cargo.toml"], "they ask Cargo.toml, or say ADDRESS");
    // Both packages take it from there.
    for file in ["Cargo.toml", "crates/sandbox/Cargo.toml"] {
        for key in ["repository", "homepage", "documentation"] {
            assert!(
                read(file).contains(&format!("\n{key}.workspace = true\n")),
                "{file}: {key}"
            );
        }
    }
}

#[test]
fn what_a_release_is_made_of_is_of_this_version_and_tried_before_a_merge() {
    let run = read(".ci/run");
    assert!(run.contains("\n.ci/release dry-run\n") && run.contains("\n.ci/editors\n"));
    let release = read(".github/workflows/release.yml");
    for step in ["check", "archive", "formula", "checksums", "notes"] {
        assert!(
            release.contains(&format!(".ci/release {step} "))
                || release.contains(&format!(".ci/release {step}\n"))
        );
    }
    let extension: serde_json::Value = serde_json::from_str(&read("editors/vscode/package.json")).unwrap();
    assert_eq!(extension["version"], env!("CARGO_PKG_VERSION"));
    // Whatever is built for others says of which commit it is.
    assert!(
        release.contains("INFIELD_COMMIT=$(git rev-parse HEAD)")
            && release.contains("export INFIELD_COMMIT ")
    );
    assert!(read("action.yml").contains("INFIELD_COMMIT: ${{ steps.source.outputs.commit }}"));
    let built = read("examples/ci/Dockerfile");
    let (told, builds) = (built.find("ARG INFIELD_COMMIT"), built.find("RUN cargo install"));
    assert!(
        told.is_some() && told < builds,
        "an argument counts for what comes after it"
    );
    // Every image and every archive holds the texts of the licences.
    let image = read("packaging/Dockerfile");
    for stage in image.split("\nFROM ").skip(1) {
        assert!(
            stage.contains("COPY LICENSE-MIT LICENSE-APACHE THIRD-PARTY "),
            "{stage}"
        );
    }
    assert!(read(".ci/release").contains("ROOT / \".ci\" / \"licences\", folder / \"THIRD-PARTY\""));
    // What others have written runs here from the commit that was looked at.
    for workflow in [".github/workflows/release.yml", ".github/workflows/ci.yml"] {
        let uses = read(workflow);
        let uses = uses
            .lines()
            .filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "));
        for action in uses {
            let commit = action
                .split_once('@')
                .map_or("", |(_, rest)| rest.split(' ').next().unwrap_or(""));
            assert!(
                commit.len() == 40 && action.contains(" # v"),
                "{workflow}: {action}"
            );
        }
    }
}

/// A script that runs once a day finds a renamed folder a day later.
#[test]
fn what_scripts_name_is_there() {
    let scripts = [
        ".ci/",
        ".github/",
        "benches/",
        "editors/",
        "templates/",
        "action.yml",
        "CONTRIBUTING.md",
    ];
    let mut names = 0;
    for (file, text) in texts() {
        if !scripts.iter().any(|script| file.starts_with(script)) {
            continue;
        }
        for folder in ["examples/", "docs/", "schemas/"] {
            for (at, _) in text.match_indices(folder) {
                let before = text[..at].chars().next_back();
                let path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
                let rest = text[at..].split(|c| !path(c)).next().unwrap_or_default();
                let name = rest.trim_end_matches('.');
                // The files that the program keeps appear when it runs; what follows another folder is within that.
                if before.is_some_and(path) || name.contains("/.infield") {
                    continue;
                }
                names += 1;
                let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists();
                assert!(found, "{file} names {name}, which is not there");
            }
        }
    }
    assert!(names > 20, "{names}");
    let paths = texts().into_iter().filter(|(file, _)| file.starts_with(".ci/"));
    for (file, text) in paths {
        assert!(
            !text.contains("\"examples\" /"),
            "{file}: write the path as one text, so that it is looked at"
        );
    }
}
