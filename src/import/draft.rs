//! The first draft of a manifest: a survey with its groups, everything that is worth managing.

use super::fields::Written;
use super::names::{Taken, first_choice};
use crate::model::codebook::Codebook;
use crate::model::fields::{InGroups, ROWS, keys};
use crate::model::suppliers::Terms;
use crate::model::{Lexicon, LiveSurvey, Suppliers, VendorId, Words, billing};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What was read of a survey.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where.
    pub vendor: VendorId,
    /// The survey.
    pub survey: LiveSurvey,
    /// Its groups, where the vendor has them.
    pub groups: Vec<LiveSurvey>,
}

impl Found {
    /// Its title; empty where it has none.
    pub fn title(&self) -> &str {
        self.survey.spec.title.value().map_or("", String::as_str)
    }

    /// The name it gets where that is free.
    pub fn first_choice(&self) -> String {
        first_choice(self.title(), &self.fallback())
    }

    /// What it is called where its title makes no name.
    fn fallback(&self) -> String {
        format!("{}-{}", self.vendor.key(), self.survey.id)
    }
}

/// A manifest that is being made.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// The manifest.
    pub manifest: Value,
    /// The names of its groups, in the order in which they were found.
    pub groups: Vec<String>,
    /// What was left out and why, and what codes mean; a line each.
    pub remarks: Vec<String>,
}

/// The settings that hold a reference, of a survey and of its groups, where the vendor has them. A manifest that does not
/// say gets one made of its name.
#[derive(Debug, Clone, Copy, Default)]
pub struct References {
    /// Of the survey.
    pub survey: Option<&'static str>,
    /// Of its groups.
    pub group: Option<&'static str>,
}

/// Drafts a manifest under a name that is free. `lexicons` are the vendor's libraries by locale.
pub fn draft(
    found: &Found,
    codebook: &'static Codebook,
    lexicons: &BTreeMap<String, Lexicon>,
    taken: &mut Taken,
    wanted: Option<&str>,
    references: References,
    is_default: super::IsDefault<'_>,
) -> Draft {
    let key = found.vendor.key();
    let words = |live: &LiveSurvey| Words {
        codebook,
        lexicon: live.spec.locale.value().and_then(|locale| lexicons.get(locale)),
    };
    let title = found.title();
    let name = match wanted {
        Some(wanted) => {
            taken.take(wanted);
            wanted.to_owned()
        }
        None => taken.name(title, &found.fallback(), &found.survey.id),
    };
    let own_words = words(&found.survey);
    let mut own = Written::of(&found.survey, &own_words, is_default);
    without_plain_suppliers(found.vendor, &found.survey, &mut own.fields);
    let mut remarks = own.remarks;
    let mut manifest = Map::new();
    manifest.insert("kind".to_owned(), Value::from("Survey"));
    manifest.insert("name".to_owned(), Value::from(name.clone()));
    manifest.extend(own.fields);
    if !found.vendor.containers_have_status() && found.vendor.has_groups() {
        manifest.shift_remove("status");
    }
    let mut block = Map::new();
    if let Some(template) = found.survey.spec.template.value() {
        block.insert("template_id".to_owned(), Value::from(*template));
    }
    block.extend(own.block);
    keep_without(references.survey, &mut block, &mut remarks);
    bill(found.vendor, &mut manifest, &mut block);
    let mut groups = Vec::new();
    let mut names = Vec::new();
    let mut inner = Taken::default();
    for group in &found.groups {
        let title_of = group.spec.title.value().map_or("", String::as_str);
        let short = title_of.strip_prefix(title).unwrap_or(title_of);
        let name = inner.name(short, "group", &group.id);
        let words = words(group);
        let mut written = Written::of(group, &words, is_default);
        without_plain_suppliers(found.vendor, group, &mut written.fields);
        keep_without(references.group, &mut written.block, &mut written.remarks);
        let mut entry = Map::new();
        entry.insert("name".to_owned(), Value::from(name.clone()));
        entry.extend(written.fields);
        if !written.block.is_empty() {
            entry.insert(key.to_owned(), Value::Object(written.block));
        }
        remarks.extend(
            written
                .remarks
                .into_iter()
                .map(|remark| format!("{name}: {remark}")),
        );
        groups.push(entry);
        names.push(name);
    }
    hoist(&mut manifest, &mut groups);
    hoist_block(key, &mut block, &mut groups);
    if !groups.is_empty() {
        let groups = groups.into_iter().map(Value::Object);
        manifest.insert("groups".to_owned(), groups.collect());
    }
    manifest.insert(key.to_owned(), Value::Object(block));
    Draft {
        name,
        manifest: Value::Object(manifest),
        groups: names,
        remarks,
    }
}

/// Writes what marketplaces have under names of their own as what it is for all of them.
fn bill(vendor: VendorId, manifest: &mut Map<String, Value>, block: &mut Map<String, Value>) {
    let mut said = Map::new();
    for (word, setting) in vendor.facts().billing.settings() {
        // What is longer stays where its length is the vendor's business.
        let fits = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| (1..=billing::LONGEST).contains(&text.chars().count()))
        };
        if block.get(setting).is_some_and(fits) {
            said.extend(block.shift_remove(setting).map(|value| (word.to_owned(), value)));
        }
    }
    if !said.is_empty() {
        manifest.insert(billing::KEY.to_owned(), Value::Object(said));
    }
}

/// Leaves out who sends respondents where that is as every survey is made with, or stands in the vendor's own block.
fn without_plain_suppliers(vendor: VendorId, live: &LiveSurvey, fields: &mut Map<String, Value>) {
    let plain = match vendor.facts().suppliers {
        Some(Terms::Counted) => live.spec.suppliers.value().is_none_or(Suppliers::are_alike),
        Some(Terms::Shared) | None => true,
    };
    if plain {
        fields.shift_remove("suppliers");
    }
}

/// What has no reference stays without one.
fn keep_without(reference: Option<&str>, block: &mut Map<String, Value>, remarks: &mut Vec<String>) {
    if let Some(key) = reference.filter(|key| !block.contains_key(*key)) {
        block.insert(key.to_owned(), Value::Null);
        remarks.push(format!(
            "it has no `{key}`; without the null it would be given one"
        ));
    }
}

/// Writes the settings that all groups agree on into the survey's block.
fn hoist_block(vendor: &str, block: &mut Map<String, Value>, groups: &mut [Map<String, Value>]) {
    let of =
        |group: &Map<String, Value>, key: &str| group.get(vendor).and_then(|block| block.get(key)).cloned();
    let first = groups
        .first()
        .and_then(|group| group.get(vendor))
        .and_then(Value::as_object);
    let keys: Vec<String> = first.into_iter().flatten().map(|(key, _)| key.clone()).collect();
    for key in keys {
        let value = of(&groups[0], &key);
        let agreed = groups.iter().all(|group| of(group, &key) == value);
        // A lone group agrees with nobody but its survey.
        let common = groups.len() > 1 || block.get(&key) == value.as_ref();
        if !agreed || !common || block.get(&key).is_some_and(|own| Some(own) != value.as_ref()) {
            continue;
        }
        block.extend(value.map(|value| (key.clone(), value)));
        for group in groups.iter_mut() {
            let Some(Value::Object(own)) = group.get_mut(vendor) else {
                continue;
            };
            own.shift_remove(&key);
            if own.is_empty() {
                group.shift_remove(vendor);
            }
        }
    }
}

/// Writes what all groups agree on with the survey.
fn hoist(manifest: &mut Map<String, Value>, groups: &mut [Map<String, Value>]) {
    if groups.len() < 2 {
        return;
    }
    let alike = ROWS.iter().filter(|row| row.in_groups == InGroups::Alike);
    for key in keys(alike) {
        let Some(first) = groups[0].get(key).cloned() else {
            continue;
        };
        if groups.iter().all(|group| group.get(key) == Some(&first)) {
            manifest.insert(key.to_owned(), first);
            for group in groups.iter_mut() {
                group.shift_remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{innovatemr, purespectrum};
    use crate::model::{Field, Status};

    fn live(id: &str, title: &str) -> LiveSurvey {
        let mut live = LiveSurvey {
            id: id.to_owned(),
            status: Some(Status::Live),
            ..LiveSurvey::default()
        };
        live.spec.title = Field::Set(title.to_owned());
        live.spec.locale = Field::Set("en-US".to_owned());
        live
    }

    /// A draft in the words of the vendor, where nothing has a name yet.
    fn drafted(found: &Found, wanted: Option<&str>, references: References) -> Draft {
        let codebook = match found.vendor.key() {
            "purespectrum" => &purespectrum::codebook::CODEBOOK,
            _ => &innovatemr::codebook::CODEBOOK,
        };
        let none = &|_: &str, _: &Value, _: &str| false;
        let (lexicons, mut taken) = (BTreeMap::new(), Taken::default());
        draft(found, codebook, &lexicons, &mut taken, wanted, references, none)
    }

    #[test]
    fn what_groups_agree_on_is_written_once() {
        let found = Found {
            vendor: crate::marketplace::INNOVATEMR,
            survey: live("8575", "Lift"),
            groups: vec![live("1", "Lift - US adults"), live("2", "Lift - Teens")],
        };
        let made = drafted(&found, None, References::default());
        assert_eq!(made.groups, ["us-adults", "teens"]);
        let text = crate::yaml::write(&made.manifest);
        assert_eq!(
            text,
            "kind: Survey\nname: lift\ntitle: Lift\nlocale: en-US\nstatus: live\ngroups:\n  \
             - {name: us-adults, title: Lift - US adults, status: live}\n  - {name: teens, title: Lift - Teens, status: live}\n\
             innovatemr: {}\n"
        );
    }

    #[test]
    fn a_further_field_is_written_and_hoisted_by_its_line_in_the_table_alone() {
        let with_wave = |id: &str, title: &str| {
            let mut live = live(id, title);
            live.spec.wave = Field::Set("3".to_owned());
            live
        };
        let found = Found {
            vendor: crate::marketplace::INNOVATEMR,
            survey: live("8575", "Lift"),
            groups: vec![with_wave("1", "Lift - US adults"), with_wave("2", "Lift - Teens")],
        };
        let made = drafted(&found, None, References::default());
        assert_eq!(made.manifest["wave"], "3");
        assert_eq!(made.manifest["groups"][0].get("wave"), None);
    }

    #[test]
    fn the_targeting_of_a_template_stays_the_templates() {
        let mut survey = live("7", "Soda");
        survey.spec.template = Field::Set(15);
        survey.qualifications = Field::Set(Vec::new().into());
        survey
            .spec
            .attributes
            .insert("category".to_owned(), Field::Set(Value::from(232)));
        survey.spec.attributes.insert(
            "emails".to_owned(),
            Field::Set(serde_json::json!(["a@example.com"])),
        );
        let found = Found {
            vendor: crate::marketplace::PURESPECTRUM,
            survey,
            groups: Vec::new(),
        };
        let made = drafted(&found, Some("mine"), References::default());
        assert_eq!(made.name, "mine");
        assert_eq!(
            made.manifest["purespectrum"],
            serde_json::json!({"template_id": 15, "category": 232})
        );
        assert_eq!(
            made.remarks,
            ["`emails` is left out: it holds somebody's address"]
        );
    }

    #[test]
    fn numbers_stay_as_they_are_and_what_is_not_above_zero_is_left_out() {
        let mut survey = live("7", "Soda");
        survey.spec.incidence_rate = Field::Set("33.50".parse().unwrap());
        survey.spec.length_of_interview = Field::Set("0".parse().unwrap());
        let found = Found {
            vendor: crate::marketplace::INNOVATEMR,
            survey,
            groups: Vec::new(),
        };
        let made = drafted(&found, None, References::default());
        assert_eq!(made.manifest["incidence_rate"].to_string(), "33.5");
        assert_eq!(made.manifest.get("length_of_interview"), None);
        assert_eq!(
            made.remarks,
            ["`length_of_interview` is left out: 0 is no number above zero"]
        );
    }

    #[test]
    fn what_has_no_reference_stays_without_one() {
        let mut named = live("2", "Lift - Teens");
        let reference = Field::Set(Value::from("ours"));
        named.spec.attributes.insert("reference".to_owned(), reference);
        let found = Found {
            vendor: crate::marketplace::INNOVATEMR,
            survey: live("8575", "Lift"),
            groups: vec![live("1", "Lift - US adults"), named],
        };
        let references = References {
            survey: Some("project_reference"),
            group: Some("reference"),
        };
        let made = drafted(&found, None, references);
        let manifest = &made.manifest;
        assert_eq!(
            manifest["innovatemr"],
            serde_json::json!({"project_reference": null})
        );
        let of = |group: usize| &manifest["groups"][group]["innovatemr"];
        assert_eq!(of(0), &serde_json::json!({"reference": null}));
        assert_eq!(of(1), &serde_json::json!({"reference": "ours"}));
        assert_eq!(
            made.remarks,
            [
                "it has no `project_reference`; without the null it would be given one",
                "us-adults: it has no `reference`; without the null it would be given one",
            ]
        );
    }
}
