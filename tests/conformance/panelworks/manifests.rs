//! Its block in a manifest, its account in `infield.yaml`, and its part of the schemas.

use super::market::ID;
use super::subject::SODA;
use crate::world::load;
use infield::diag::Severity;
use infield::diag::text::{Style, render};
use infield::manifest::{Loaded, Secret, schema};
use infield::model::{Address, Field};
use serde_json::{Value, json};

fn shown(loaded: &Loaded) -> String {
    render(&loaded.diagnostics, &loaded.sources, Style::default())
}

/// The text that the only error of a manifest points at, and the drawing.
fn pointed_at(text: &str) -> (String, String) {
    let loaded = load(text);
    let all = loaded.diagnostics.iter();
    let all: Vec<_> = all.filter(|one| one.severity == Severity::Error).collect();
    let drawing = shown(&loaded);
    let [one] = all.as_slice() else {
        panic!("one error is expected:\n{drawing}")
    };
    let span = one.primary.as_ref().unwrap().span;
    (text[span.range()].to_owned(), drawing)
}

#[test]
fn a_manifest_with_its_block_is_a_survey_there() {
    let loaded = load(SODA);
    assert_eq!(shown(&loaded), "no problems\n");
    let survey = &loaded.desired.surveys[&Address::survey("soda")];
    assert_eq!(survey.vendor, ID);
    assert_eq!(survey.spec.attributes["topic"], Field::Set(json!("food")));
    let quotas = survey.spec.quotas.value().unwrap();
    assert_eq!(quotas[0].criteria[1].question, "sex", "in its own codes");
}

#[test]
fn a_mistake_in_its_block_is_shown_on_the_exact_key() {
    let (at, drawing) = pointed_at(&SODA.replace("topic: food", "topic: foot"));
    assert_eq!(at, "foot", "{drawing}");
    let (at, drawing) = pointed_at(&SODA.replace("topic: food", "topic: food\n  nota: second wave"));
    assert_eq!(at, "nota", "{drawing}");
    assert!(drawing.contains("did you mean `note`?"), "{drawing}");
    let (at, drawing) = pointed_at(&SODA.replace("panelworks:", "panelwork:"));
    assert_eq!(at, "panelwork", "{drawing}");
    assert!(drawing.contains("did you mean `panelworks`?"), "{drawing}");
}

#[test]
fn its_rules_are_shown_where_they_are_broken() {
    let (at, drawing) = pointed_at(&SODA.replace("completes: 400", "completes: 400\nmax_cpi: 4 USD"));
    assert_eq!(at, "4 USD", "{drawing}");
    assert!(drawing.contains("a study has no `max_cpi`"), "{drawing}");
    assert!(drawing.contains("panelworks handbook"), "{drawing}");
    let (_, drawing) = pointed_at(&SODA.replace("  topic: food", "  note: second wave"));
    assert!(drawing.contains("cannot be made without `topic`"), "{drawing}");
    let (at, drawing) = pointed_at(&SODA.replace("gender: [male]", "gender: [mail]"));
    assert_eq!(at, "mail", "{drawing}");
}

#[test]
fn it_shares_a_survey_with_another_marketplace() {
    let both = "panelworks: {topic: food, share: 60%}\n\
                purespectrum: {category: 232, share: 40%, incidence_rate: 50, field_days: 7}\n";
    let loaded = load(&SODA.replace("panelworks:\n  topic: food\n", both));
    assert_eq!(shown(&loaded), "no problems\n");
    let surveys = loaded.desired.surveys.iter();
    let shares: Vec<_> = surveys
        .map(|(address, survey)| (address.as_str(), survey.spec.completes.value().copied()))
        .collect();
    assert_eq!(
        shares,
        [("soda@panelworks", Some(240)), ("soda@purespectrum", Some(160))]
    );
}

#[test]
fn its_account_is_read_from_the_project() {
    let project = "kind: Project\nname: sodas\nenvironments:\n  production:\n    panelworks: {token: \"${PANELWORKS_TOKEN}\", \
                   base_url: \"https://eu.panelworks.example/1\", concurrency: 2}\n";
    crate::subject::add();
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().to_owned();
    std::fs::write(base.join("infield.yaml"), project).unwrap();
    let loaded = infield::manifest::load(&[], &infield::manifest::Options { base });
    assert_eq!(shown(&loaded), "no problems\n");
    let access = &loaded.project.unwrap().environments["production"].access[&ID];
    assert_eq!(access.secret, Some(Secret::Env("PANELWORKS_TOKEN".to_owned())));
    assert_eq!(
        access.base_url.as_deref(),
        Some("https://eu.panelworks.example/1")
    );
    assert_eq!(access.pace.concurrency, Some(2));
}

#[test]
fn the_schemas_have_its_block_and_its_account() {
    crate::subject::add();
    let all = schema::all();
    let of = |file: &str| -> &Value { &all.iter().find(|(name, _)| *name == file).unwrap().1 };
    let topic = "/properties/panelworks/properties/topic/enum";
    let survey = of("survey.schema.json");
    assert_eq!(survey.pointer(topic), Some(&json!(["food", "health", "travel"])));
    let project = of("project.schema.json").to_string();
    assert!(project.contains("\"panelworks\""), "{project}");
}
