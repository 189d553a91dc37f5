//! Exclusion groups of an account: target groups of any project whose respondents are kept out of each other (OpenAPI,
//! Respondent Exclusions). Who completes one of them does not get into the others; a change counts for whoever comes after it.
//!
//! The vendor makes the id of a group and lets several have one tag. Here the tag is the key: it is looked for before a group
//! is made, and where several have it a person has to look.

use super::client::{self, Answer, Reader};
use super::wire::{ExclusionGroup, ExclusionGroupMembers, ExclusionGroups};
use super::{Cint, paths};
use crate::marketplace::http::wire::typed;
use crate::model::call::{body_placeholder, encode_segment, path_placeholder};
use crate::model::{
    Address, Call, CallClass, DesiredGroup, GroupMember, LiveGroup, MemberId, Method, Reading,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether a text is an id of a target group: a ULID (OpenAPI `TargetGroupID`).
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn all(account: u64) -> String {
    format!("{}/exclusion-groups", paths::account(account))
}

/// A call that changes what a group holds. What is in it already, or is not, stays so: assumed, as nothing is said about it.
fn members(own: &str, word: &str, ids: &[Value]) -> Call {
    let purpose = match word {
        "add" => "put target groups into the exclusion group",
        _ => "take target groups out of the exclusion group",
    };
    let path = format!("{own}/target-groups/{word}");
    Call::new(Method::Post, path, CallClass::IdempotentWrite, purpose).body(json!({ "data": ids }))
}

/// What tells people apart what the group is for; the vendor wants one.
fn described(wanted: &DesiredGroup) -> Value {
    json!({"tag": wanted.reference, "description": wanted.title})
}

/// Makes a group and fills it. Nothing recognises a repetition of the first call.
pub(super) fn create(cint: &Cint, address: &Address, wanted: &DesiredGroup) -> Vec<Call> {
    let make = Call::new(
        Method::Post,
        all(cint.account),
        CallClass::Create,
        "create the exclusion group",
    );
    let own = format!("{}/{}", all(cint.account), path_placeholder(address));
    let ids = wanted.members.iter().map(|member| match member {
        GroupMember::Survey(address) => body_placeholder(address),
        GroupMember::VendorId(id) => id.into(),
    });
    vec![
        Call {
            returns_id: Some("/exclusion_group_id".to_owned()),
            ..make.body(described(wanted))
        },
        members(&own, "add", &ids.collect::<Vec<_>>()),
    ]
}

/// Brings a group to what is wanted: what leaves goes first, because a group has an end to what it holds.
pub(super) fn update(
    cint: &Cint,
    live: &LiveGroup,
    wanted: &DesiredGroup,
    known: &dyn Fn(&Address) -> Option<String>,
) -> Vec<Call> {
    let own = format!("{}/{}", all(cint.account), encode_segment(&live.id));
    let mut calls = Vec::new();
    if live.title.value() != Some(&wanted.title) {
        let purpose = "write the exclusion group's description";
        calls.push(super::parts::put(own.clone(), described(wanted), purpose));
    }
    let shown: BTreeSet<String> = live
        .members
        .value()
        .into_iter()
        .flatten()
        .map(MemberId::text)
        .collect();
    let mut stays = BTreeSet::new();
    let mut comes = Vec::new();
    for member in &wanted.members {
        let (id, value) = match member {
            GroupMember::VendorId(id) => (Some(id.text()), id.into()),
            GroupMember::Survey(address) => (known(address), body_placeholder(address)),
        };
        match id.filter(|id| shown.contains(id)) {
            Some(id) => drop(stays.insert(id)),
            None => comes.push(value),
        }
    }
    let goes: Vec<Value> = shown
        .difference(&stays)
        .map(|id| Value::from(id.as_str()))
        .collect();
    if !goes.is_empty() {
        calls.push(members(&own, "remove", &goes));
    }
    if !comes.is_empty() {
        calls.push(members(&own, "add", &comes));
    }
    calls
}

/// The group with a tag, and what it holds.
pub(super) async fn read(reader: &Reader, tag: &str) -> Reading<LiveGroup> {
    match find(reader, tag).await {
        Ok(reading) => reading,
        // A list that is not there says nothing about what stands in it.
        Err(error) => error.unknown(),
    }
}

async fn find(reader: &Reader, tag: &str) -> Answer<Reading<LiveGroup>> {
    let path = all(reader.cint.account);
    let listed = reader.all(&path, &[], "data").await?;
    let ExclusionGroups { data } = client::read(&json!({ "data": listed }), |page| typed(page, ""))?;
    let groups = data.value().map_or(&[][..], Vec::as_slice);
    let mut own: Vec<&ExclusionGroup> = Vec::new();
    for group in groups {
        match group.tag.value() {
            Some(other) if other != tag => {}
            Some(_) => own.push(group),
            None => {
                let why = "an exclusion group of the list shows no tag".to_owned();
                return Ok(Reading::Unknown { why });
            }
        }
    }
    let (Some(group), None) = (own.first(), own.get(1)) else {
        let count = own.len();
        return Ok(match count {
            0 => Reading::Absent {
                proof: format!("no exclusion group of the account has the tag {tag}"),
            },
            _ => Reading::Unknown {
                why: format!(
                    "{count} exclusion groups have the tag {tag}; give all but one another tag at the vendor"
                ),
            },
        });
    };
    let Some(id) = group.exclusion_group_id.value() else {
        let why = "the exclusion group shows no id".to_owned();
        return Ok(Reading::Unknown { why });
    };
    let path = format!("{path}/{}/target-groups", encode_segment(id));
    let ids = reader.all(&path, &[], "data").await?;
    let ExclusionGroupMembers { data } = client::read(&json!({ "data": ids }), |page| typed(page, ""))?;
    let mut ids: Vec<MemberId> = data
        .value()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .map(MemberId::Text)
        .collect();
    ids.sort();
    Ok(Reading::Present(LiveGroup {
        id: id.clone(),
        reference: group.tag.clone(),
        title: group.description.clone(),
        members: crate::model::Field::Set(ids),
        exclusion_days: crate::model::Field::Absent,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    const ONE: &str = "01BTGNYV6HRNK8K8VKZASZCFP1";
    const TWO: &str = "01BTGNYV6HRNK8K8VKZASZCFP2";

    fn wanted(members: Vec<GroupMember>) -> DesiredGroup {
        DesiredGroup {
            vendor: crate::marketplace::CINT,
            reference: "acme-waves".to_owned(),
            title: "Waves".to_owned(),
            members,
            exclusion_days: None,
        }
    }

    fn live(members: &[&str]) -> LiveGroup {
        LiveGroup {
            id: "01JW97M2Y5Q5KB0N543B4G4T5Y".to_owned(),
            reference: Field::Set("acme-waves".to_owned()),
            title: Field::Set("Waves".to_owned()),
            members: Field::Set(members.iter().map(|id| MemberId::from(*id)).collect()),
            exclusion_days: Field::Absent,
        }
    }

    fn sent(calls: &[Call]) -> Vec<(String, Value)> {
        let sent = calls.iter().map(|call| {
            let path = call.path.rsplit("exclusion-groups/").next().unwrap_or_default();
            let body = call.body.as_ref().map(crate::model::Json::value);
            (format!("{} {path}", call.method), body.unwrap_or_default())
        });
        sent.collect()
    }

    #[test]
    fn only_what_differs_is_put_in_or_taken_out() {
        let w1 = Address::group("w1", "us");
        let w2 = Address::group("w2", "us");
        let wanted = wanted(vec![
            GroupMember::Survey(w1.clone()),
            GroupMember::Survey(w2.clone()),
        ]);
        let known = |address: &Address| (*address == w1).then(|| ONE.to_owned());
        let calls = update(&Cint::default(), &live(&[ONE, TWO]), &wanted, &known);
        let own = "01JW97M2Y5Q5KB0N543B4G4T5Y/target-groups";
        assert_eq!(
            sent(&calls),
            [
                (format!("POST {own}/remove"), json!({"data": [TWO]})),
                (format!("POST {own}/add"), json!({"data": [{"$id": "w2/us"}]})),
            ]
        );
        let known = |address: &Address| Some(if *address == w1 { ONE } else { TWO }.to_owned());
        assert_eq!(update(&Cint::default(), &live(&[TWO, ONE]), &wanted, &known), []);
        let mut renamed = live(&[ONE, TWO]);
        renamed.title = Field::Set("By hand".to_owned());
        let calls = update(&Cint::default(), &renamed, &wanted, &known);
        assert_eq!(
            sent(&calls),
            [(
                "PUT 01JW97M2Y5Q5KB0N543B4G4T5Y".to_owned(),
                json!({"tag": "acme-waves", "description": "Waves"})
            )]
        );
    }

    #[test]
    fn ids_are_no_names() {
        assert!(is_id(ONE));
        for other in ["soda", "383244", "01btgnyv6hrnk8k8vkzaszcfp1", "tag:WAVE"] {
            assert!(!is_id(other), "{other}");
        }
    }
}
