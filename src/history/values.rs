//! The values that are remembered of a survey or group, under the paths that plans give them; and what differs between
//! two states.
//!
//! Promises: pure. A value that is not managed has no path here.

use super::record::{Fate, Moved, Remembered};
use crate::model::codebook::Codebook;
use crate::model::desired::GroupMember;
use crate::model::desired::Policy;
use crate::model::{Address, DesiredGroup, Known, Resource, ResourceKind, SurveySpec, VendorId, Words};
use crate::plan::diff::{FieldName, criteria_json, quota_path};
use crate::plan::step::Record;
use crate::plan::{Change, Plan};
use serde_json::Value;
use std::collections::BTreeMap;

/// A path and what stands there.
pub type Values = Vec<(String, Value)>;

/// The values of something that is remembered.
pub fn values(resource: &Resource, codebook: &'static Codebook) -> Values {
    match &resource.kind {
        ResourceKind::Survey(survey) => {
            let mut values = of_spec(&survey.applied, resource.vendor, codebook);
            values.extend(of_policy(&survey.policy));
            values
        }
        ResourceKind::Group(group) => of_group(group),
    }
}

/// What a manifest decides and no vendor is told, as far as it says something else than usual.
fn of_policy(policy: &Policy) -> Values {
    let fields = |policy: &Policy| match serde_json::to_value(policy) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let usual = fields(&Policy::default());
    let own = fields(policy).into_iter();
    let own = own.filter(|(key, value)| usual.get(key) != Some(value));
    own.map(|(key, value)| (format!("/{key}"), value)).collect()
}

/// What manifests decide otherwise than it is remembered, by the surveys of a plan.
pub fn decided(plan: &Plan, known: &Known) -> BTreeMap<Address, Vec<Change>> {
    let from: BTreeMap<&Address, &Address> = plan.moves().map(|(from, to)| (to, from)).collect();
    let steps = plan.steps.iter().map(|step| (&step.address, &step.record));
    let all = plan
        .bookkeeping
        .iter()
        .map(|(address, record)| (address, record))
        .chain(steps);
    let one = |(address, record): (&Address, &Record)| {
        let Record::Survey { policy, .. } = record else {
            return None;
        };
        let before = from.get(address).copied().unwrap_or(address);
        let before = known.survey(before).or_else(|| known.survey(address))?;
        let changes = changes(of_policy(&before.policy), of_policy(policy));
        (!changes.is_empty()).then(|| (address.clone(), changes))
    };
    all.filter_map(one).collect()
}

fn of_spec(spec: &SurveySpec, vendor: VendorId, codebook: &'static Codebook) -> Values {
    let book = Words {
        codebook,
        lexicon: None,
    };
    let mut values = Values::new();
    for field in spec.mentioned() {
        match &field {
            FieldName::Qualifications => {
                for criterion in spec.qualifications.value().into_iter().flatten() {
                    let path = format!("/qualifications/{}", book.question(&criterion.question));
                    values.push((path, Value::from(book.describe(criterion).1)));
                }
            }
            FieldName::QuotaCriteria => {
                for quota in spec.quotas.value().into_iter().flatten() {
                    let path = quota_path(&quota.name);
                    values.push((format!("{path}/completes"), Value::from(quota.completes)));
                    values.push((format!("{path}/where"), criteria_json(&book, &quota.criteria)));
                }
            }
            field => values.push((field.path(vendor), spec.get(field).json())),
        }
    }
    values
}

fn of_group(group: &DesiredGroup) -> Values {
    let DesiredGroup {
        vendor: _,
        reference,
        title,
        members,
        exclusion_days,
    } = group;
    let days = exclusion_days.map(|days| ("/exclusion_days".to_owned(), Value::from(days)));
    let always = [
        ("/ref".to_owned(), Value::from(reference.as_str())),
        ("/title".to_owned(), Value::from(title.as_str())),
        (
            "/surveys".to_owned(),
            members.iter().map(GroupMember::written).collect(),
        ),
    ];
    always.into_iter().chain(days).collect()
}

/// What is remembered otherwise in one state than in an earlier one. `codebook` is that of a vendor.
pub fn differences(
    before: &Known,
    after: &Known,
    codebook: impl Fn(VendorId) -> &'static Codebook,
) -> (Vec<Moved>, Vec<Remembered>) {
    let (mut moves, mut remembered) = (Vec::new(), Vec::new());
    let find = |known: &Known, resource: &Resource| {
        let same = |other: &Resource| other.vendor == resource.vendor && other.id == resource.id;
        let found = known.resources.iter().find(|(_, other)| same(other))?;
        Some(found.0.clone())
    };
    for (address, now) in &after.resources {
        let then = match before.resources.get(address).filter(|then| then.id == now.id) {
            Some(then) => Some(then),
            // Under another name.
            None => find(before, now).and_then(|from| {
                let gone = after.resources.get(&from).is_none_or(|other| other.id != now.id);
                let then = before.resources.get(&from).filter(|_| gone)?;
                let to = address.clone();
                moves.push(Moved { from, to });
                Some(then)
            }),
        };
        let of = |resource: &Resource| values(resource, codebook(resource.vendor));
        let changes = then.map_or_else(Vec::new, |then| changes(of(then), of(now)));
        let fate = match then {
            None => Fate::Added,
            Some(_) if changes.is_empty() => continue,
            Some(_) => Fate::Changed,
        };
        remembered.push(Remembered {
            address: address.clone(),
            vendor: now.vendor,
            id: Some(now.id.clone()),
            fate,
            changes,
        });
    }
    for (address, then) in &before.resources {
        let stays = after.resources.get(address).is_some_and(|now| now.id == then.id);
        if !stays && find(after, then).is_none() {
            remembered.push(Remembered {
                address: address.clone(),
                vendor: then.vendor,
                id: Some(then.id.clone()),
                fate: Fate::Forgotten,
                changes: Vec::new(),
            });
        }
    }
    (moves, remembered)
}

fn changes(before: Values, after: Values) -> Vec<Change> {
    let mut before: BTreeMap<String, Value> = before.into_iter().collect();
    let mut changes = Vec::new();
    for (path, now) in after {
        let then = before.remove(&path).unwrap_or_default();
        if then != now {
            changes.push(Change::new(path, then, now));
        }
    }
    let gone = before.into_iter().filter(|(_, then)| !then.is_null());
    changes.extend(gone.map(|(path, then)| Change::new(path, then, Value::Null)));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{Markets, PURESPECTRUM};
    use crate::model::{Address, Answers, Criterion, Field, KnownSurvey, Quota};
    use crate::plan::Marketplaces as _;
    use serde_json::json;

    fn survey(id: &str, title: &str) -> Resource {
        let gender = Criterion {
            question: "211".to_owned(),
            unit: None,
            answers: Answers::Codes(["111".to_owned()].into()),
        };
        let spec = SurveySpec {
            title: Field::Set(title.to_owned()),
            completes: Field::Set(100),
            qualifications: Field::Set(vec![gender.clone()].into()),
            quotas: Field::Set(
                vec![Quota {
                    name: "men".to_owned(),
                    completes: 50,
                    criteria: vec![gender].into(),
                }]
                .into(),
            ),
            ..SurveySpec::default()
        };
        Resource {
            vendor: PURESPECTRUM,
            kind: ResourceKind::Survey(Box::new(KnownSurvey {
                applied: spec,
                ..KnownSurvey::default()
            })),
            id: id.to_owned(),
        }
    }

    fn known(resources: &[(&str, Resource)]) -> Known {
        let of = |(name, resource): &(&str, Resource)| (Address::survey(*name), resource.clone());
        Known {
            resources: resources.iter().map(of).collect(),
            ..Known::default()
        }
    }

    /// Names before and after, and what became of what, with the fields that changed.
    type Found = (Vec<(String, String)>, Vec<(String, Fate, Vec<String>)>);

    fn found(before: &Known, after: &Known) -> Found {
        let markets = Markets::default();
        let (moves, remembered) = differences(before, after, |vendor| markets.of(vendor).codebook());
        let moves = moves
            .iter()
            .map(|moved| (moved.from.to_string(), moved.to.to_string()));
        let paths = |one: &Remembered| one.changes.iter().map(|change| change.path.clone()).collect();
        let remembered = remembered.iter();
        (
            moves.collect(),
            remembered
                .map(|one| (one.address.to_string(), one.fate, paths(one)))
                .collect(),
        )
    }

    #[test]
    fn values_stand_under_the_paths_of_plans() {
        let markets = Markets::default();
        let values = values(&survey("7", "Soda"), markets.of(PURESPECTRUM).codebook());
        let paths: Vec<&str> = values.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/title",
                "/completes",
                "/qualifications/gender",
                "/quotas/men/completes",
                "/quotas/men/where"
            ]
        );
        assert_eq!(values[3].1, json!(50));
    }

    #[test]
    fn what_is_remembered_otherwise_is_found_under_whatever_name() {
        let one = known(&[("one", survey("7", "Soda")), ("two", survey("8", "Cola"))]);
        assert_eq!(found(&one, &one), (Vec::new(), Vec::new()));
        let title = || vec!["/title".to_owned()];
        let changed = known(&[("one", survey("7", "New")), ("two", survey("8", "Cola"))]);
        assert_eq!(
            found(&one, &changed),
            (Vec::new(), vec![("one".to_owned(), Fate::Changed, title())])
        );
        let moved = known(&[("three", survey("7", "New")), ("two", survey("8", "Cola"))]);
        let renamed = vec![("one".to_owned(), "three".to_owned())];
        assert_eq!(
            found(&one, &moved),
            (renamed, vec![("three".to_owned(), Fate::Changed, title())])
        );
        let swapped = known(&[("two", survey("7", "Soda")), ("one", survey("8", "Cola"))]);
        let (moves, rest) = found(&one, &swapped);
        assert_eq!((moves.len(), rest.len()), (2, 0));
        let gone = known(&[("one", survey("7", "Soda"))]);
        assert_eq!(
            found(&one, &gone),
            (Vec::new(), vec![("two".to_owned(), Fate::Forgotten, Vec::new())])
        );
        assert_eq!(
            found(&gone, &one),
            (Vec::new(), vec![("two".to_owned(), Fate::Added, Vec::new())])
        );
    }
}
