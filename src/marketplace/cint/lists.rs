//! What can be looked up here: the questions library of a locale, and the definitions that a manifest's block `cint` names
//! (OpenAPI, "Definitions"). An entry that cannot be read is listed as one, and the rest of its list all the same.

use super::allocations::TEST_SUPPLIER;
use super::client::{Reader, known};
use super::codebook::CODEBOOK;
use super::wire::{Definition, Locale, items, word};
use super::{Cint, locale, rate_card};
use crate::marketplace::VendorError;
use crate::marketplace::contract::{Lists, ReadLibrary as _, ReadLists};
use crate::marketplace::http::json::{Decoded, Mismatch, list, mismatch};
use crate::marketplace::http::session::MOST_PAGES;
use crate::marketplace::http::wire::{Code, typed};
use crate::marketplace::shelf::lists::{self, Entry, How, List, Source, Topic, scalar};
use crate::model::Reading;
use crate::model::codebook::Kind;
use crate::model::lexicon::LexiconQuestion;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Lists for Cint {
    fn needs_locale(&self, topic: Topic) -> bool {
        topic.about_questions() || topic == Topic::RateCard
    }

    fn without_asking(&self, topic: Topic, _locale: Option<&str>) -> Option<Reading<List>> {
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

impl ReadLists for Reader {
    fn list<'a>(&'a self, topic: Topic, locale: &'a str) -> BoxFuture<'a, Reading<List>> {
        if topic.about_questions() {
            let library = self.lexicon(locale);
            return library
                .map(|library| library.map(|lexicon| lists::library(&lexicon, question)))
                .boxed();
        }
        let under = match topic {
            Topic::Locales => "the survey or a group",
            Topic::Suppliers => "`allocations` of `cint`",
            Topic::RateCard => "nothing: a business unit with these prices takes none of a manifest",
            _ => "`cint`",
        };
        let list = |entries| List {
            source: Source::Vendor,
            under: under.into(),
            entries,
        };
        let entries = entries(self, topic, locale);
        entries.map(move |entries| known(entries.map(list))).boxed()
    }
}

/// The definitions.
async fn entries(reader: &Reader, topic: Topic, locale: &str) -> Result<Vec<Entry>, VendorError> {
    let account = format!("/accounts/{}", reader.cint.account);
    let (path, key) = match topic {
        Topic::Locales => ("/locales".to_owned(), "locales"),
        Topic::Clients => return clients(reader, &account).await,
        Topic::RateCard => return rate_card::list_of(reader, locale).await,
        Topic::BusinessUnits => (format!("{account}/business-units"), "business_units"),
        Topic::Users => (format!("{account}/users?user_type=project_manager"), "users"),
        Topic::StudyTypes => ("/study-types".to_owned(), "study_types"),
        Topic::Industries => ("/industries".to_owned(), "industries"),
        Topic::Lockouts => ("/industry-lockouts".to_owned(), "industry_lockouts"),
        Topic::Suppliers => ("/suppliers".to_owned(), "suppliers"),
        // Answered without asking, or from the library.
        Topic::Questions | Topic::Answers | Topic::Templates | Topic::Categories => return Ok(Vec::new()),
    };
    reader.session.read(&path, |body| rows(body, topic, key)).await
}

/// The currencies of the account's business units, by their ids (OpenAPI, `BusinessUnit`).
pub(super) async fn currencies(reader: &Reader) -> Result<BTreeMap<String, String>, VendorError> {
    let path = format!("/accounts/{}/business-units", reader.cint.account);
    let read = |body: &Value| {
        let units = list(&body["business_units"], "/business_units")?.iter();
        let shown = units.filter_map(|unit| typed::<Definition>(unit, "").ok());
        let pair =
            |shown: Definition| Some((shown.id.value()?.0.clone(), word(&shown.currency_code).to_owned()));
        Ok(shown.filter_map(pair).collect())
    };
    reader.session.read(&path, read).await
}

fn rows(body: &Value, topic: Topic, key: &str) -> Decoded<Vec<Entry>> {
    let rows = list(&body[key], &format!("/{key}"))?.iter().enumerate();
    let entries = rows.flat_map(|(at, item)| {
        let place = format!("/{key}/{at}");
        let read = match topic {
            Topic::Locales => languages(item, &place),
            _ => entry(topic, item, &place).map(|entry| vec![entry]),
        };
        read.unwrap_or_else(|mismatch| {
            vec![Entry {
                note: format!("could not be read: {}: {}", mismatch.path, mismatch.problem),
                name: place.clone(),
                id: place,
                ..Entry::default()
            }]
        })
    });
    Ok(entries.collect())
}

fn entry(topic: Topic, item: &Value, place: &str) -> Decoded<Entry> {
    let shown: Definition = typed(item, place)?;
    let Some(Code(id)) = shown.id.value().filter(|id| !id.0.is_empty()) else {
        return mismatch(&format!("{place}/id"), "an id", &item["id"]);
    };
    let code = word(&shown.code);
    let coded = |key: &str| format!("{key}: {}", scalar(code));
    let write = match topic {
        Topic::BusinessUnits => format!("business_unit: {id}"),
        Topic::Users => format!("project_manager: {}", scalar(id)),
        Topic::Suppliers if *id == TEST_SUPPLIER.to_string() => "allocations: test_supplier".to_owned(),
        Topic::Suppliers => format!("suppliers: [{id}]"),
        Topic::StudyTypes => coded("study_type"),
        Topic::Industries => coded("industry"),
        Topic::Lockouts => coded("industry_lockout"),
        _ => format!("client: {id}"),
    };
    let has_code = matches!(topic, Topic::StudyTypes | Topic::Industries | Topic::Lockouts);
    let in_block = write.starts_with("allocations:");
    Ok(Entry {
        name: word(&shown.name).to_owned(),
        text: match topic {
            Topic::BusinessUnits => {
                let models = items(&shown.pricing_models).join(" or ");
                format!("{}, {models}", word(&shown.currency_code))
            }
            Topic::Users => word(&shown.email).to_owned(),
            Topic::Suppliers => code.to_owned(),
            _ => String::new(),
        },
        note: if in_block { "stands in `cint` itself" } else { "" }.to_owned(),
        write: Some(write).filter(|_| !has_code || !code.is_empty()),
        id: if has_code { code.to_owned() } else { id.clone() },
        ..Entry::default()
    })
}

/// All clients, page by page until one brings nothing new: the answer does not say which page is the last.
async fn clients(reader: &Reader, account: &str) -> Result<Vec<Entry>, VendorError> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for page in 0..MOST_PAGES {
        let path = format!("{account}/clients?page_size=100&page_number={page}");
        let found = reader
            .session
            .read(&path, |body| rows(body, Topic::Clients, "clients"))
            .await?;
        let before = all.len();
        all.extend(found.into_iter().filter(|entry| seen.insert(entry.id.clone())));
        if all.len() == before {
            return Ok(all);
        }
    }
    let endless = Mismatch::new("/clients", "the list has no end");
    reader.session.decoded(&Value::Null, |_| Err(endless))
}

/// The languages of a country, one entry each.
fn languages(item: &Value, place: &str) -> Decoded<Vec<Entry>> {
    let shown: Locale = typed(item, place)?;
    let Some(country) = shown.country.value() else {
        return mismatch(&format!("{place}/country"), "a country", &Value::Null);
    };
    let entry = |language: &Definition| {
        let id = format!("{}_{}", word(&language.code), word(&country.code));
        let tag = locale::from_vendor(&id).filter(|tag| locale::to_vendor(tag).as_ref() == Some(&id));
        let unknown = "infield does not know this language";
        Entry {
            note: if tag.is_none() { unknown } else { "" }.to_owned(),
            name: tag.clone().unwrap_or_else(|| id.clone()),
            text: format!("{}, {}", word(&language.name), word(&country.name)),
            write: tag.map(|tag| format!("locale: {tag}")),
            id,
            ..Entry::default()
        }
    };
    Ok(items(&shown.languages)
        .iter()
        .map(|language| entry(language))
        .collect())
}
