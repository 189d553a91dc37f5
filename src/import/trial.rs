//! Trying a draft until nothing would change: what does not hold is given up, field by field.
//!
//! Promises: what comes out plans nothing, or it is said why there is none; only fields are given up that would be
//! changed or refused.

use crate::model::billing;
use crate::model::fields::{ROWS, keys};
use crate::model::{Address, VendorId};
use crate::text::pointer::{key_of, token};
use serde_json::Value;

/// What is to be said of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A plan has nothing to do.
    Settled,
    /// It is no valid manifest, and why.
    Refused(Vec<Problem>),
    /// A plan would change these: addresses with the paths of their fields, and why.
    Changes(Vec<(Address, String, String)>),
    /// A plan cannot be made of it.
    Stuck(String),
}

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is said of it.
    pub message: String,
    /// Where it stands in the draft, as a pointer; empty where that is not known.
    pub place: String,
}

impl Problem {
    /// Whether it stands at a place, or around it or inside of it.
    fn is_at(&self, pointer: &str) -> bool {
        let inside = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        inside(&self.place, pointer) || inside(pointer, &self.place)
    }
}

/// Most rounds; each gives up at least one field.
const ROUNDS: usize = 200;

/// Gives up fields until the verdict is that nothing would change. Answers with what was given up, a line each.
///
/// # Errors
/// Why there is no such manifest.
pub fn settle(
    manifest: &mut Value,
    groups: &[String],
    mut judge: impl FnMut(&Value) -> Verdict,
) -> Result<Vec<String>, String> {
    let mut given_up = Vec::new();
    let mut verdict = judge(manifest);
    for _ in 0..ROUNDS {
        match verdict {
            Verdict::Settled => return Ok(given_up),
            Verdict::Stuck(why) => return Err(why),
            Verdict::Changes(changes) => {
                let mut any = false;
                for (address, path, why) in &changes {
                    if let Some(pointer) = pointer(manifest, groups, address, path)
                        && remove(manifest, &pointer)
                    {
                        any = true;
                        given_up.push(format!("{} is left out: {why}", field(address, path)));
                    }
                }
                verdict = if any {
                    judge(manifest)
                } else {
                    let (without, line, better) = null_out_default(manifest, groups, &changes, &mut judge)?;
                    *manifest = without;
                    given_up.push(line);
                    better
                };
            }
            Verdict::Refused(problems) => {
                let Some((pointers, better)) = relief(manifest, &problems, &mut judge) else {
                    let all: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
                    return Err(all.join("; "));
                };
                let why = gone(&problems, &better);
                for pointer in pointers {
                    remove(manifest, &pointer);
                    given_up.push(format!("{} is left out: {why}", named(&pointer, groups)));
                }
                verdict = better;
            }
        }
    }
    Err("no manifest of it settles".to_owned())
}

/// A field that would change although the manifest does not have it gets its value from defaults. The manifest sets it to
/// `null`, so that the field keeps the vendor's lack of a value. Returns that manifest with the line that says so.
fn null_out_default(
    manifest: &Value,
    groups: &[String],
    changes: &[(Address, String, String)],
    judge: &mut impl FnMut(&Value) -> Verdict,
) -> Result<(Value, String, Verdict), String> {
    let better = changes.iter().find_map(|(address, path, _)| {
        let mut with = manifest.clone();
        put_null(&mut with, &own(groups, address, path))?;
        let verdict = judge(&with);
        let fewer = match &verdict {
            Verdict::Settled => true,
            Verdict::Changes(left) => left.len() < changes.len(),
            Verdict::Refused(_) | Verdict::Stuck(_) => false,
        };
        let line = format!(
            "{} is null, since a default would give it a value",
            field(address, path)
        );
        fewer.then_some((with, line, verdict))
    });
    better.ok_or_else(|| match changes.first() {
        Some((address, path, why)) => format!(
            "{}: {why}; the manifest would not say it, so it is a default: import with --into to where that does not count",
            field(address, path)
        ),
        None => "a plan would change something".to_owned(),
    })
}

/// The problem that went away.
fn gone(before: &[Problem], after: &Verdict) -> String {
    let left = match after {
        Verdict::Refused(left) => left.as_slice(),
        Verdict::Settled | Verdict::Changes(_) | Verdict::Stuck(_) => &[],
    };
    before
        .iter()
        .find(|problem| left.iter().all(|left| left.message != problem.message))
        .or(before.first())
        .map(|problem| problem.message.clone())
        .unwrap_or_default()
}

/// Fields without which there are fewer problems, and what is to be said then. Those where a problem stands are tried
/// first: each try reads the whole manifest.
fn relief(
    manifest: &Value,
    problems: &[Problem],
    judge: &mut impl FnMut(&Value) -> Verdict,
) -> Option<(Vec<String>, Verdict)> {
    let mut all = candidates(manifest);
    let hit = |pointer: &String| problems.iter().any(|problem| problem.is_at(pointer));
    all.sort_by_key(|pointers| !pointers.iter().any(hit));
    all.into_iter().find_map(|pointers| {
        let mut without = manifest.clone();
        for pointer in &pointers {
            remove(&mut without, pointer);
        }
        let verdict = judge(&without);
        let better = match &verdict {
            Verdict::Refused(left) => left.len() < problems.len(),
            Verdict::Settled | Verdict::Changes(_) => true,
            Verdict::Stuck(_) => false,
        };
        better.then_some((pointers, verdict))
    })
}

/// What can be given up, the least first.
fn candidates(manifest: &Value) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let count = manifest
        .get("groups")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let bases: Vec<String> = (0..count)
        .map(|index| format!("/groups/{index}"))
        .chain([String::new()])
        .collect();
    for base in &bases {
        let part = manifest.pointer(base).unwrap_or(&Value::Null);
        let lists = ["quotas", "qualifications"].into_iter();
        let blocks = VendorId::all().iter().map(|vendor| vendor.key());
        for key in lists.chain(blocks) {
            let below = inside(part.get(key)).into_iter();
            all.extend(below.map(|inner| format!("{base}/{key}/{inner}")));
        }
    }
    let mut rows: Vec<_> = ROWS.iter().collect();
    rows.sort_by_key(|row| row.given_up);
    for key in keys(rows) {
        all.extend(bases.iter().map(|base| format!("{base}/{key}")));
    }
    all.retain(|pointer| manifest.pointer(pointer).is_some());
    // A group has the status of its survey where it says none, so one of them alone may change nothing.
    let statuses: Vec<String> = all
        .iter()
        .filter(|pointer| pointer.ends_with("/status"))
        .cloned()
        .collect();
    let singly = all.into_iter().map(|pointer| vec![pointer]);
    singly
        .chain([statuses].into_iter().filter(|all| all.len() > 1))
        .collect()
}

/// The places inside a list or a mapping, as parts of a pointer.
fn inside(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => (0..items.len()).map(|index| index.to_string()).collect(),
        Some(Value::Object(map)) => map.keys().map(|key| token(key)).collect(),
        _ => Vec::new(),
    }
}

/// Which of the groups an address is.
fn index(groups: &[String], address: &Address) -> Option<usize> {
    let name = address.group_name()?;
    groups.iter().position(|group| group == name)
}

/// Where a field of an address stands: with its group, or with the survey where all groups agree.
fn pointer(manifest: &Value, groups: &[String], address: &Address, path: &str) -> Option<String> {
    let path = by_place(manifest, groups, address, path);
    let for_all = billing::said_for_all(&path);
    [own(groups, address, &path), path]
        .into_iter()
        .chain(for_all)
        .find(|pointer| manifest.pointer(pointer).is_some())
}

/// Where an address's own value of a field stands.
fn own(groups: &[String], address: &Address, path: &str) -> String {
    match index(groups, address) {
        Some(index) => format!("/groups/{index}{path}"),
        None => path.to_owned(),
    }
}

/// Puts a null where nothing is yet.
fn put_null(manifest: &mut Value, pointer: &str) -> Option<()> {
    let (parent, key) = pointer.rsplit_once('/')?;
    if manifest.pointer(parent).is_none() {
        let (above, block) = parent.rsplit_once('/')?;
        let above = manifest.pointer_mut(above)?.as_object_mut()?;
        above.insert(block.to_owned(), Value::Object(serde_json::Map::new()));
    }
    let block = manifest.pointer_mut(parent)?.as_object_mut()?;
    let free = !block.contains_key(key);
    free.then(|| drop(block.insert(key.to_owned(), Value::Null)))
}

/// A path as it stands in a document: quotas by their place, and what is below a field as the whole field.
fn by_place(manifest: &Value, groups: &[String], address: &Address, path: &str) -> String {
    let tokens: Vec<&str> = path.split('/').skip(1).collect();
    match tokens.as_slice() {
        ["quotas", key, ..] => {
            let key = key_of(key);
            let is = |quota: &Value| quota.get("id").unwrap_or(&quota["name"]).as_str() == Some(&*key);
            let list = index(groups, address)
                .and_then(|index| manifest.pointer(&format!("/groups/{index}/quotas")))
                .or_else(|| manifest.get("quotas"));
            let place = list
                .and_then(Value::as_array)
                .and_then(|list| list.iter().position(is));
            place.map_or_else(|| "/quotas".to_owned(), |place| format!("/quotas/{place}"))
        }
        [first, second, ..] => format!("/{first}/{second}"),
        _ => path.to_owned(),
    }
}

/// Takes a value out, and what is empty without it.
fn remove(manifest: &mut Value, pointer: &str) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return false;
    };
    let key = key_of(key);
    let removed = match manifest.pointer_mut(parent) {
        Some(Value::Object(map)) => map.shift_remove(&*key).is_some(),
        Some(Value::Array(items)) => match key.parse::<usize>() {
            Ok(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    };
    let empty = match manifest.pointer(parent) {
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        _ => false,
    };
    let may_go = ["/qualifications", "/quotas", "/field"]
        .iter()
        .any(|end| parent.ends_with(end));
    if removed && empty && may_go {
        remove(manifest, parent);
    }
    removed
}

/// A field of an address as people say it.
fn field(address: &Address, path: &str) -> String {
    let group = address.group_name().map(|group| format!("{group}: "));
    format!("{}`{}`", group.unwrap_or_default(), shown(path))
}

/// A pointer into the manifest as people say it: the group by its name.
fn named(pointer: &str, groups: &[String]) -> String {
    let inside = pointer
        .strip_prefix("/groups/")
        .and_then(|rest| rest.split_once('/'));
    let group = inside.and_then(|(index, rest)| Some((groups.get(index.parse::<usize>().ok()?)?, rest)));
    match group {
        Some((group, rest)) => format!("{group}: `{}`", shown(rest)),
        None => format!("`{}`", shown(pointer)),
    }
}

/// A pointer as people write it.
fn shown(path: &str) -> String {
    path.trim_start_matches('/').replace('/', ".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_would_change_is_given_up_and_nothing_else() {
        let mut manifest = json!({
            "cpi": "3 USD", "status": "live", "qualifications": {"age": "18-34"},
            "groups": [{"name": "us", "quotas": [{"name": "men", "completes": 1}, {"name": "women", "completes": 2}]}],
        });
        let groups = ["us".to_owned()];
        let us = || Address::group("soda", "us");
        let mut answers = vec![
            Verdict::Settled,
            Verdict::Changes(vec![
                (us(), "/quotas/women/completes".to_owned(), "not kept".to_owned()),
                (us(), "/qualifications/age".to_owned(), "not shown".to_owned()),
            ]),
        ];
        let left_out = settle(&mut manifest, &groups, |_| answers.pop().unwrap()).unwrap();
        assert_eq!(
            manifest,
            json!({"cpi": "3 USD", "status": "live", "groups": [{"name": "us", "quotas": [{"name": "men", "completes": 1}]}]})
        );
        assert_eq!(left_out.len(), 2);
        assert_eq!(left_out[0], "us: `quotas.women.completes` is left out: not kept");
    }

    #[test]
    fn fields_are_given_up_in_the_order_of_their_lines_in_the_table() {
        let manifest = json!({
            "title": "x", "wave": "3", "status": "live", "field": {"start": "s", "end": "e"}, "field_days": 5,
            "cpi": "3 USD", "completes": 7,
        });
        let given_up: Vec<String> = candidates(&manifest).concat();
        let order = [
            "wave",
            "field_days",
            "field",
            "cpi",
            "completes",
            "status",
            "title",
        ];
        assert_eq!(given_up, order.map(|key| format!("/{key}")));
    }

    fn problem(message: &str, place: &str) -> Problem {
        Problem {
            message: message.to_owned(),
            place: place.to_owned(),
        }
    }

    fn refused(message: &str, place: &str) -> Verdict {
        Verdict::Refused(vec![problem(message, place)])
    }

    #[test]
    fn what_is_refused_is_read_once_more_where_its_place_is_known() {
        let quota = |n: usize| json!({"name": format!("q-{n}"), "completes": n});
        let quotas: Vec<Value> = (0..100).map(quota).collect();
        let mut manifest = json!({"title": "x", "cpi": "3 USD", "status": "live", "quotas": quotas});
        let mut reads = 0;
        let judge = |value: &Value| {
            reads += 1;
            let quotas = value["quotas"].as_array().unwrap();
            let at = quotas.iter().position(|quota| quota["name"] == "q-70");
            let quota = at.map(|at| problem("no such quota", &format!("/quotas/{at}/completes")));
            let price = value.get("cpi").map(|_| problem("no price", "/cpi"));
            let problems: Vec<Problem> = quota.into_iter().chain(price).collect();
            match problems.is_empty() {
                true => Verdict::Settled,
                false => Verdict::Refused(problems),
            }
        };
        let left_out = settle(&mut manifest, &[], judge).unwrap();
        assert_eq!(
            left_out,
            [
                "`quotas.70` is left out: no such quota",
                "`cpi` is left out: no price"
            ]
        );
        assert_eq!(manifest["quotas"].as_array().unwrap().len(), 99);
        assert_eq!(reads, 3, "the draft, and once for each field that is given up");
    }

    #[test]
    fn what_is_refused_is_found_by_trying() {
        let mut manifest = json!({"title": "x", "status": "live", "live_url": "nowhere"});
        let judge = |value: &Value| {
            if value.get("live_url").is_some() {
                refused("no URL", "")
            } else {
                Verdict::Settled
            }
        };
        assert_eq!(
            settle(&mut manifest, &[], judge).unwrap(),
            ["`live_url` is left out: no URL"]
        );
        assert_eq!(manifest, json!({"title": "x", "status": "live"}));
        let never = settle(&mut manifest, &[], |_| refused("no category", "/category"));
        assert_eq!(never.unwrap_err(), "no category");
        let stuck = settle(&mut manifest, &[], |_| Verdict::Changes(Vec::new()));
        assert!(stuck.unwrap_err().contains("would change something"));
    }
}
