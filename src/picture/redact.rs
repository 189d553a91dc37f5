//! Texts that a picture leaves out, and how a plan works without them.
//!
//! A text that the manifests contain is kept, because whoever reads the picture can read the manifests. Of any other URL
//! only the host is kept, and of any other text with a mail address nothing; a digest stands in its place. A plan puts a
//! text back where a manifest has exactly that text. Where no manifest has it, and the plan would show or send it, the
//! plan shows the digest, and its name differs from that of the plan made with credentials.

use super::Picture;
use crate::marketplace::http::secrets::Secrets;
use crate::model::{Desired, Links, ResourceKind};
use crate::plan::Plan;
use crate::text::hex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What stands in front of a digest.
const MARK: &str = "redacted-";
/// Hexadecimal digits of a digest.
const DIGITS: usize = 16;

/// A secret of the environment in what a vendor showed, where it cannot be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a secret of this environment is part of what the vendor or the state shows, where it cannot be taken out"
)]
pub struct Leak;

/// Every text the manifests have.
pub fn texts(desired: &Desired) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let mut collect = |value: serde_json::Result<Value>| {
        if let Ok(mut value) = value {
            each_text(&mut value, &mut |text| {
                texts.insert(text.clone());
            });
        }
    };
    for survey in desired.surveys.values() {
        collect(serde_json::to_value(&survey.spec));
    }
    for group in desired.groups.values() {
        collect(serde_json::to_value(group));
    }
    texts
}

/// Takes out what a picture does not keep. `public` is what the manifests have, `secrets` what must not be in any file.
///
/// # Errors
/// When a secret is in a place that cannot be changed without making another picture of it.
pub fn redact(picture: &mut Picture, public: &BTreeSet<String>, secrets: &Secrets) -> Result<(), Leak> {
    for intent in picture.known.intents.values_mut() {
        // Only whoever settles it needs to know what was sent.
        intent.body = None;
    }
    for resource in picture.known.resources.values_mut() {
        if let ResourceKind::Survey(survey) = &mut resource.kind {
            survey.links = Links::default();
        }
    }
    each_part(picture, &mut |text| {
        if secrets.are_in(text) {
            // No digest: it could be tried out.
            *text = format!("{MARK}{}", "0".repeat(DIGITS));
        } else if !public.contains(text)
            && let Some(redacted) = redacted(text)
        {
            *text = redacted;
        }
    });
    match secrets.are_in(&String::from_utf8_lossy(&picture.to_bytes())) {
        true => Err(Leak),
        false => Ok(()),
    }
}

/// Puts back what the manifests have.
pub fn restore(picture: &mut Picture, texts: &BTreeSet<String>) {
    let known: BTreeMap<String, &String> = texts
        .iter()
        .filter_map(|text| Some((redacted(text)?, text)))
        .collect();
    each_part(picture, &mut |text| {
        if let Some(whole) = known.get(text) {
            text.clone_from(whole);
        }
    });
}

/// Whether a plan has a digest where the plan with credentials has a text, so that the two have different names.
pub fn is_part_of(plan: &Plan) -> bool {
    let mut found = false;
    for step in &plan.steps {
        if let Ok(mut value) = serde_json::to_value(step) {
            each_text(&mut value, &mut |text| found |= is_digest(text));
        }
    }
    found
}

fn is_digest(text: &str) -> bool {
    let digits = text.rsplit_once(MARK).map_or("", |(_, digits)| digits);
    digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// What stands for a text that is not kept; `None` for one that may be.
fn redacted(text: &str) -> Option<String> {
    let digest = || {
        let digits = hex::sha256(format!("infield.picture {text}"), DIGITS / 2);
        format!("{MARK}{digits}")
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return has_mail_address(text).then(digest);
    };
    match url::Url::parse(text).ok().as_ref().and_then(url::Url::host_str) {
        Some(host) if !rest.trim_start_matches(host).is_empty() => {
            Some(format!("{scheme}://{host}/{}", digest()))
        }
        // Nothing but a host.
        Some(_) => None,
        // A URL inside of something else, or a template of one.
        None => Some(digest()),
    }
}

/// Whether some word of a text is `somebody@somewhere.tld`.
fn has_mail_address(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || ",;<>()\"".contains(c))
        .any(|word| {
            word.split_once('@').is_some_and(|(somebody, host)| {
                !somebody.is_empty()
                    && host
                        .split_once('.')
                        .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
            })
        })
}

/// Everything that is about surveys, one after the other, so that a picture of ten thousand is not in memory twice.
/// Libraries and templates are the vendor's own.
fn each_part(picture: &mut Picture, change: &mut dyn FnMut(&mut String)) {
    for resource in picture.known.resources.values_mut() {
        part(resource, change);
    }
    for intent in picture.known.intents.values_mut() {
        part(intent, change);
    }
    for recovery in &mut picture.recoveries {
        part(recovery, change);
    }
    for seen in picture.vendors.values_mut() {
        for survey in &mut seen.surveys {
            part(survey, change);
        }
        for group in seen.groups.values_mut() {
            part(group, change);
        }
    }
}

/// Changes the texts of one part. One that would be none of its kind any more stays as it was.
fn part<T: Serialize + DeserializeOwned>(item: &mut T, change: &mut dyn FnMut(&mut String)) {
    let Ok(mut value) = serde_json::to_value(&*item) else {
        return;
    };
    let mut changed = false;
    each_text(&mut value, &mut |text| {
        let before = text.clone();
        change(text);
        changed |= *text != before;
    });
    if changed && let Ok(new) = serde_json::from_value(value) {
        *item = new;
    }
}

fn each_text(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, visit)),
        Value::Object(map) => map.values_mut().for_each(|item| each_text(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_urls_the_host_is_kept_and_of_mail_nothing() {
        let url = redacted("https://me:pw@s.example.com/s/soda?tk=[%%token%%]&key=abc").unwrap();
        assert!(url.starts_with("https://s.example.com/redacted-"), "{url}");
        assert_eq!(url.len(), "https://s.example.com/redacted-".len() + DIGITS);
        for kept in [
            "Soda, wave 3",
            "https://s.example.com",
            "ask @acme about #12",
            "a@b",
            "US+ENGLISH",
        ] {
            assert_eq!(redacted(kept), None, "{kept}");
        }
        for gone in [
            "ann@example.com",
            "to: Ann <ann@example.com>",
            "[[base]]://x/y?z",
            "see http://e.example/a b",
        ] {
            let shown = redacted(gone).unwrap();
            assert!(!shown.contains("ann") && !shown.contains("x/y"), "{shown}");
            assert!(is_digest(&shown), "{shown}");
        }
        assert_ne!(redacted("https://a.example/1"), redacted("https://a.example/2"));
    }
}
