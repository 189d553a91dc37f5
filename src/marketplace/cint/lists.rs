//! What can be looked up here: the questions library of a locale, and the definitions that a manifest's block `cint` names
//! (OpenAPI, "Definitions").

use super::client::read;
use super::codebook::CODEBOOK;
use super::{Cint, locale, paths};
use crate::marketplace::VendorError;
use crate::marketplace::http::json::{Decoded, code, list as items, mismatch};
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::lists::{self, Entry, How, List, Source, Topic, scalar};
use crate::model::codebook::Kind;
use crate::model::lexicon::LexiconQuestion;
use crate::model::{Lexicon, Reading};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most pages of clients; more is a server that goes round in circles.
const MAX_PAGES: usize = 1_000;

/// The vendor's test supplier (portal guide "How to use test supplier").
const TEST_SUPPLIER: &str = "980";

/// What needs no call.
pub(crate) fn without_asking(topic: Topic) -> Option<Reading<List>> {
    let proof = match topic {
        Topic::Categories => "Cint has no survey categories; `industries` and `study-types` come closest",
        Topic::Templates => {
            "Cint has no templates of surveys; its profile templates have no public call that lists them"
        }
        _ => return None,
    };
    Some(Reading::Absent {
        proof: proof.to_owned(),
    })
}

/// The library as entries.
pub(crate) fn questions(lexicon: &Lexicon) -> List {
    lists::library(lexicon, question)
}

fn question(question: &LexiconQuestion) -> Entry {
    let known = CODEBOOK.question(&question.key);
    let how = if question.numeric {
        How::Numbers(match known.map(|known| known.kind) {
            Some(Kind::Number { unit_name, .. }) => unit_name,
            _ => "",
        })
    } else if question.options.is_empty() {
        How::Open(
            "open: codes or texts, quoted",
            if known.is_some() { "10001" } else { "..." },
        )
    } else {
        How::Choice(lists::choices(question, &CODEBOOK), true)
    };
    let title = question.text.trim();
    let capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let in_capitals = title.starts_with(|c: char| c.is_ascii_uppercase())
        && title.len() <= 100
        && title.chars().all(capital);
    let key = match known {
        Some(known) => known.name,
        None if in_capitals => title,
        // A name that a manifest cannot write has a number that it can.
        None => &question.key,
    };
    let name = if title.is_empty() { key } else { title };
    let text = known.map_or("", |known| known.label);
    lists::question(&question.key, name, text, Some(key), how)
}

/// The definitions.
pub(crate) async fn list(session: &Session, cint: &Cint, topic: Topic) -> Reading<List> {
    match entries(session, cint, topic).await {
        Ok(entries) => Reading::Present(List {
            source: Source::Vendor,
            under: match topic {
                Topic::Locales => "the survey or a group",
                Topic::Suppliers => "`allocations` of `cint`",
                _ => "`cint`",
            }
            .into(),
            entries,
        }),
        Err(error) => Reading::Unknown {
            why: error.to_string(),
        },
    }
}

async fn entries(session: &Session, cint: &Cint, topic: Topic) -> Result<Vec<Entry>, VendorError> {
    let account = format!("/accounts/{}", cint.account);
    let (path, key, entry): (String, &str, fn(&Value, String) -> Entry) = match topic {
        Topic::Locales => {
            let body = session.get("/locales").await?;
            return read(&body, locales);
        }
        Topic::Clients => return clients(session, &account).await,
        Topic::BusinessUnits => (
            format!("{account}/business-units"),
            "business_units",
            business_unit,
        ),
        Topic::Users => {
            let query = paths::query(&[("user_type", "project_manager")]);
            (format!("{account}/users?{query}"), "users", user)
        }
        Topic::StudyTypes => ("/study-types".to_owned(), "study_types", |item, _| {
            coded(item, "study_type")
        }),
        Topic::Industries => ("/industries".to_owned(), "industries", |item, _| {
            coded(item, "industry")
        }),
        Topic::Lockouts => ("/industry-lockouts".to_owned(), "industry_lockouts", |item, _| {
            coded(item, "industry_lockout")
        }),
        Topic::Suppliers => ("/suppliers".to_owned(), "suppliers", supplier),
        // Answered without asking, or from the library.
        Topic::Questions | Topic::Answers | Topic::Templates | Topic::Categories => return Ok(Vec::new()),
    };
    let body = session.get(&path).await?;
    read(&body, |body| rows(body, key, entry))
}

fn rows(body: &Value, key: &str, entry: fn(&Value, String) -> Entry) -> Decoded<Vec<Entry>> {
    let list = items(body.get(key).unwrap_or(&Value::Null), &format!("/{key}"))?;
    let read = |(at, item): (usize, &Value)| match item.get("id").and_then(code) {
        Some(id) if !id.is_empty() => Ok(entry(item, id)),
        _ => mismatch(
            &format!("/{key}/{at}/id"),
            "an id",
            item.get("id").unwrap_or(&Value::Null),
        ),
    };
    list.iter().enumerate().map(read).collect()
}

fn text(item: &Value, key: &str) -> String {
    item.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn business_unit(item: &Value, id: String) -> Entry {
    let models = item
        .get("pricing_models")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let models: Vec<&str> = models.filter_map(Value::as_str).collect();
    Entry {
        write: Some(format!("business_unit: {id}")),
        name: text(item, "name"),
        text: format!("{}, {}", text(item, "currency_code"), models.join(" or ")),
        id,
        ..Entry::default()
    }
}

fn user(item: &Value, id: String) -> Entry {
    Entry {
        write: Some(format!("project_manager: {}", scalar(&id))),
        name: text(item, "name"),
        text: text(item, "email"),
        id,
        ..Entry::default()
    }
}

fn supplier(item: &Value, id: String) -> Entry {
    let test = id == TEST_SUPPLIER;
    Entry {
        write: Some(if test {
            "allocations: test_supplier".to_owned()
        } else {
            format!("suppliers: [{id}]")
        }),
        note: if test {
            "stands in `cint` itself".to_owned()
        } else {
            String::new()
        },
        name: text(item, "name"),
        text: text(item, "code"),
        id,
        ..Entry::default()
    }
}

fn client(item: &Value, id: String) -> Entry {
    Entry {
        write: Some(format!("client: {id}")),
        name: text(item, "name"),
        id,
        ..Entry::default()
    }
}

/// A row whose code a manifest writes.
fn coded(item: &Value, key: &str) -> Entry {
    let code = text(item, "code");
    Entry {
        write: Some(format!("{key}: {}", scalar(&code))).filter(|_| !code.is_empty()),
        name: text(item, "name"),
        id: code,
        ..Entry::default()
    }
}

/// All clients, page by page until one brings nothing new: the answer does not say which page is the last.
async fn clients(session: &Session, account: &str) -> Result<Vec<Entry>, VendorError> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for page in 0..MAX_PAGES {
        let page = page.to_string();
        let query = paths::query(&[("page_size", "100"), ("page_number", &page)]);
        let body = session.get(&format!("{account}/clients?{query}")).await?;
        let found = read(&body, |body| rows(body, "clients", client))?;
        let before = all.len();
        all.extend(found.into_iter().filter(|entry| seen.insert(entry.id.clone())));
        if all.len() == before {
            break;
        }
    }
    Ok(all)
}

/// Countries with their languages, one entry each.
fn locales(body: &Value) -> Decoded<Vec<Entry>> {
    let countries = items(body.get("locales").unwrap_or(&Value::Null), "/locales")?;
    let mut all = Vec::new();
    for (at, item) in countries.iter().enumerate() {
        let country = item.get("country").unwrap_or(&Value::Null);
        let region = text(country, "code");
        let place = format!("/locales/{at}/languages");
        for language in items(item.get("languages").unwrap_or(&Value::Null), &place)? {
            let id = format!("{}_{region}", text(language, "code"));
            let tag = locale::from_vendor(&id).filter(|tag| locale::to_vendor(tag).as_ref() == Some(&id));
            all.push(Entry {
                note: if tag.is_none() {
                    "infield does not know this language".to_owned()
                } else {
                    String::new()
                },
                name: tag.clone().unwrap_or_else(|| id.clone()),
                text: format!("{}, {}", text(language, "name"), text(country, "name")),
                write: tag.map(|tag| format!("locale: {tag}")),
                id,
                ..Entry::default()
            });
        }
    }
    Ok(all)
}
