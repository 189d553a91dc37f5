//! Every example validates without a warning, and means what its comments say.

use infield::diag::Severity;
use infield::diag::text::{Style, render};
use infield::manifest::{Loaded, Options, load};
use infield::model::{Address, Field, Status};
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
