//! Bad manifests, one mistake each: the right code, nothing else, drawn as people see it.
//!
//! Each case is a file or a folder below `tests/manifests/invalid`. Its first line names the codes it must give, and
//! it must give no other. Run with `INSTA_UPDATE=always` to accept new drawings.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use infield::diag::text::{Style, render};
use infield::diag::{Code, code};
use infield::manifest::{Loaded, Options, load};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/invalid")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn open(case: &Path) -> Loaded {
    load(&[case.to_owned()], &Options { base: root() })
}

/// The codes that the first line of a case names.
fn expected(case: &Path) -> BTreeSet<String> {
    let file = if case.is_file() {
        case.to_owned()
    } else {
        ["infield.yaml", "survey.yaml", "a.yaml"]
            .map(|name| case.join(name))
            .into_iter()
            .find(|f| f.is_file())
            .unwrap()
    };
    let bytes = std::fs::read(file).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let line = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("# expect: ")
        .unwrap()
        .to_owned();
    line.split(' ').map(|code| format!("infield::{code}")).collect()
}

#[test]
fn every_case_gives_its_codes_and_no_other() {
    let mut wrong = String::new();
    for case in cases() {
        let loaded = open(&case);
        let codes: BTreeSet<String> = loaded
            .diagnostics
            .iter()
            .map(|d| d.code.id().to_owned())
            .collect();
        if codes != expected(&case) {
            wrong.push_str(&format!(
                "{}: expected {:?}, got\n",
                case.display(),
                expected(&case)
            ));
            wrong.push_str(&render(&loaded.diagnostics, &loaded.sources, Style::default()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_case_is_drawn_as_before() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../manifests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for case in cases() {
            let loaded = open(&case);
            let name = case.file_stem().unwrap().to_str().unwrap().to_owned();
            insta::assert_snapshot!(
                name,
                render(&loaded.diagnostics, &loaded.sources, Style::default())
            );
        }
    });
}

#[test]
fn every_label_has_a_place_in_a_known_text() {
    for case in cases() {
        let loaded = open(&case);
        for diagnostic in &loaded.diagnostics {
            let file = diagnostic.file.as_deref().unwrap();
            if diagnostic.primary.is_some() {
                assert!(loaded.sources.get(file).is_some(), "{file}");
            }
            for other in diagnostic
                .secondary
                .iter()
                .filter_map(|label| label.file.as_deref())
            {
                assert!(loaded.sources.get(other).is_some(), "{other}");
            }
        }
    }
}

/// What the help says to type is what an editor types, so it has to be right.
#[test]
fn every_replacement_solves_its_problem() {
    let mut solved = BTreeSet::new();
    for case in cases() {
        if !case.is_file() {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&case) else {
            continue;
        };
        for problem in &open(&case).diagnostics {
            let (Some(put), Some(span)) = (problem.replacement(), problem.span()) else {
                continue;
            };
            let dir = tempfile::tempdir().unwrap();
            let mut fixed = text.clone();
            fixed.replace_range(span.range(), put);
            std::fs::write(dir.path().join("fixed.yaml"), &fixed).unwrap();
            let after = load(
                &[],
                &Options {
                    base: dir.path().to_owned(),
                },
            );
            let still = after
                .diagnostics
                .iter()
                .any(|d| d.code == problem.code && d.message == problem.message);
            assert!(!still, "{}: `{put}` solves nothing\n{fixed}", case.display());
            // A key that is there already: right for a person, and not offered by an editor.
            let twice = after
                .diagnostics
                .iter()
                .any(|d| d.code == code::YAML_DUPLICATE_KEY);
            let broken = after
                .diagnostics
                .iter()
                .any(|d| d.code.id().starts_with("infield::yaml::"));
            assert!(
                twice || !broken,
                "{}: `{put}` breaks the text\n{fixed}",
                case.display()
            );
            solved.insert(problem.code.id());
        }
    }
    for code in [
        code::SHAPE_UNKNOWN_KEY,
        code::TARGETING_UNKNOWN_QUESTION,
        code::TARGETING_UNQUOTED_CODE,
        code::SURVEY_LOCALE,
    ] {
        assert!(
            solved.contains(code.id()),
            "{} has no quick fix among the cases",
            code.id()
        );
    }
}

#[test]
fn errors_keep_a_survey_out_of_what_is_desired() {
    for case in cases() {
        let loaded = open(&case);
        if loaded.has_errors() {
            let broken: BTreeSet<_> = loaded.diagnostics.iter().filter_map(|d| d.file.clone()).collect();
            for address in loaded.desired.surveys.keys() {
                let file = loaded.index.file(address).unwrap();
                assert!(!broken.contains(file), "{address} in {}", case.display());
            }
        }
    }
}

#[test]
fn no_secret_is_ever_shown() {
    for case in cases() {
        let loaded = open(&case);
        let shown = [
            render(&loaded.diagnostics, &loaded.sources, Style::default()),
            serde_json::to_string(&infield::diag::json::document(
                &loaded.diagnostics,
                &loaded.sources,
            ))
            .unwrap(),
            infield::diag::sarif::render(&loaded.diagnostics, &loaded.sources, None),
            infield::diag::github::render(&loaded.diagnostics, &loaded.sources),
            format!("{:?}", loaded.project),
        ];
        for text in shown {
            assert!(!text.contains("SECRET") && !text.contains("99887766"), "{text}");
        }
    }
}

#[test]
fn every_code_has_a_case() {
    let covered: BTreeSet<String> = cases().iter().flat_map(|case| expected(case)).collect();
    let elsewhere = [
        // Told by other tests, because no file can be committed for them.
        code::FILE_MISSING,
        code::FILE_UNREADABLE,
        code::FILE_TOO_BIG,
        code::MANIFEST_NOTHING,
        // Needs a state beside the manifests; told by the command-line sessions.
        code::TEMPLATE_CHANGED,
        // Needs a vendor; told there too.
        code::OUTCOME_OTHER_SURVEY,
        // Cannot be provoked while types and schemas agree, which is tested elsewhere.
        code::INTERNAL,
    ];
    let missing: Vec<&Code> = code::ALL
        .iter()
        .filter(|code| !covered.contains(code.id()) && !elsewhere.contains(code) && code.id().contains("::"))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
