//! Every example validates without a warning, and means what its comments say.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use infield::diag::Severity;
use infield::diag::text::{Style, render};
use infield::manifest::{Loaded, Options, load};
use infield::model::{Address, Field, GroupMember, Status};
use std::path::PathBuf;

fn example(name: &str) -> Loaded {
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let loaded = load(&[PathBuf::from("examples").join(name)], &Options { base });
    let shown = render(&loaded.diagnostics, &loaded.sources, Style::default());
    assert!(
        loaded.diagnostics.iter().all(|d| d.severity == Severity::Note),
        "{shown}"
    );
    assert!(loaded.whole_project);
    loaded
}

#[test]
fn quickstart_launches_three_surveys() {
    let loaded = example("quickstart");
    assert!(loaded.diagnostics.is_empty());
    let names: Vec<_> = loaded.desired.surveys.keys().map(Address::as_str).collect();
    assert_eq!(names, ["from-template", "layered-quotas", "minimal"]);
    for survey in loaded.desired.surveys.values() {
        assert_eq!(survey.status(), Some(Status::Live));
    }
    let layered = &loaded.desired.surveys[&Address::survey("layered-quotas")].spec;
    let quotas = layered.quotas.value().unwrap();
    let counts: Vec<_> = quotas.iter().map(|quota| quota.completes).collect();
    assert_eq!(counts[..2].iter().sum::<u64>(), 401);
    assert_eq!(counts[2..].iter().sum::<u64>(), 401);
    let template = &loaded.desired.surveys[&Address::survey("from-template")].spec;
    assert_eq!(template.template, Field::Set(15));
    assert_eq!(loaded.project.unwrap().name, "quickstart");
}

#[test]
fn the_template_rule_needs_nothing_but_its_template() {
    let loaded = example("template-rule");
    assert!(loaded.diagnostics.is_empty());
    let tracker = &loaded.desired.surveys[&Address::survey("tracker")];
    assert_eq!(tracker.spec.template, Field::Set(5));
    assert_eq!(tracker.spec.locale, Field::Absent);
}

#[test]
fn the_exclusion_group_has_both_waves() {
    let loaded = example("exclusion-group");
    assert!(loaded.diagnostics.is_empty());
    let group = &loaded.desired.groups[&Address::survey("soda-waves")];
    let members = ["wave-1", "wave-2"].map(|name| GroupMember::Survey(Address::survey(name)));
    assert_eq!(group.members, members);
    assert_eq!(group.exclusion_days, Some(90));
}

#[test]
fn every_example_names_its_schema_and_has_a_readme() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
    for folder in std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        // Settings of editors are explained in the README of the project.
        if folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        {
            continue;
        }
        assert!(folder.join("README.md").is_file(), "{}", folder.display());
        for file in std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if file.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&file).unwrap();
                let first = text.lines().next().unwrap();
                let schema = first.strip_prefix("# yaml-language-server: $schema=").unwrap();
                assert!(folder.join(schema).is_file(), "{}", file.display());
            }
        }
    }
}
