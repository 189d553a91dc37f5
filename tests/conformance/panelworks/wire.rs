//! Panelworks' words: our vocabulary ↔ its documents.

use infield::marketplace::http::json::{Decoded, Mismatch, count, decimal, list, mismatch, object};
use infield::model::targeting::canonical;
use infield::model::{
    Answers, Criteria, Criterion, Field, LiveQuota, LiveSurvey, Money, Performance, Quota, Range, Status,
    SurveySpec,
};
use infield::plan::diff::FieldName;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// The unit of ages.
pub(crate) const YEARS: &str = "years";

/// Its words for what a study is in.
const STATES: [(Status, &str); 4] = [
    (Status::Draft, "sketch"),
    (Status::Live, "fielding"),
    (Status::Paused, "halted"),
    (Status::Closed, "archived"),
];

/// Its word for a status.
pub(crate) fn state(status: Status) -> &'static str {
    STATES
        .iter()
        .find(|(ours, _)| *ours == status)
        .expect("every status has a word")
        .1
}

/// `en-US` is `US:en` there.
fn market(locale: &str) -> String {
    match locale.split_once('-') {
        Some((language, region)) => format!("{region}:{language}"),
        None => locale.to_owned(),
    }
}

/// Tens of the minor unit in one of a currency.
fn minor_scale(money: &Money) -> u32 {
    Money::minor_digits(money.currency)
}

fn reward(money: &Money) -> Value {
    let minor = money.amount * Decimal::from(10_u64.pow(minor_scale(money)));
    json!({"minor": i64::try_from(minor.normalize()).ok(), "currency": money.currency.code()})
}

/// `sex=m|f&age=18..34`.
pub(crate) fn who(criteria: &[Criterion]) -> String {
    let one = |criterion: &Criterion| {
        let answers: Vec<String> = match &criterion.answers {
            Answers::Codes(codes) => codes.iter().cloned().collect(),
            Answers::Ranges(ranges) => ranges
                .iter()
                .map(|range| format!("{}..{}", range.from, range.to))
                .collect(),
        };
        format!("{}={}", criterion.question, answers.join("|"))
    };
    criteria.iter().map(one).collect::<Vec<_>>().join("&")
}

/// A quota.
pub(crate) fn segment(quota: &Quota) -> Value {
    json!({"key": quota.name, "goal": quota.completes, "who": who(&quota.criteria)})
}

/// Fields that a study has.
pub(crate) fn fields() -> impl Iterator<Item = FieldName> {
    let own = ["topic", "note"].map(|key| FieldName::Attribute(key.to_owned()));
    [
        FieldName::Title,
        FieldName::Locale,
        FieldName::Completes,
        FieldName::LengthOfInterview,
        FieldName::Cpi,
        FieldName::LiveUrl,
    ]
    .into_iter()
    .chain(own)
}

/// A field in its words; `None` where nothing is said about it.
pub(crate) fn field(field: &FieldName, spec: &SurveySpec) -> Option<(&'static str, Value)> {
    fn said<T>(field: &Field<T>, write: impl Fn(&T) -> Value) -> Option<Value> {
        match field {
            Field::Absent => None,
            Field::Null => Some(Value::Null),
            Field::Set(value) => Some(write(value)),
        }
    }
    let text = |text: &String| Value::from(text.as_str());
    let own = |key: &str| said(spec.attributes.get(key)?, Value::clone);
    let (key, value) = match field {
        FieldName::Title => ("label", said(&spec.title, text)),
        FieldName::Locale => ("market", said(&spec.locale, |locale| Value::from(market(locale)))),
        FieldName::Completes => ("goal", said(&spec.completes, |goal| Value::from(*goal))),
        FieldName::LengthOfInterview => (
            "minutes",
            said(&spec.length_of_interview, |minutes| {
                serde_json::from_str(&minutes.normalize().to_string()).unwrap_or_default()
            }),
        ),
        FieldName::Cpi => ("reward", said(&spec.cpi, reward)),
        FieldName::LiveUrl => ("entry", said(&spec.live_url, text)),
        FieldName::Attribute(name) if name == "topic" => ("topic", own("topic")),
        FieldName::Attribute(name) if name == "note" => ("memo", own("note")),
        _ => return None,
    };
    Some((key, value?))
}

/// A document that is read key by key; Panelworks shows every key.
struct Document<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl Document<'_> {
    fn field<T>(&self, key: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Decoded<Field<T>> {
        let path = format!("{}/{key}", self.path);
        match self.map.get(key) {
            None => Err(Mismatch {
                path,
                problem: "it is missing".to_owned(),
            }),
            Some(Value::Null) => Ok(Field::Null),
            Some(value) => {
                read(value).map_or_else(|| mismatch(&path, expected, value), |it| Ok(Field::Set(it)))
            }
        }
    }

    fn needed<T>(&self, key: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Decoded<T> {
        match self.field(key, expected, read)? {
            Field::Set(value) => Ok(value),
            _ => mismatch(&format!("{}/{key}", self.path), expected, &Value::Null),
        }
    }
}

fn document<'a>(value: &'a Value, path: &str) -> Decoded<Document<'a>> {
    Ok(Document {
        map: object(value, path)?,
        path: path.to_owned(),
    })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn locale(value: &Value) -> Option<String> {
    let (region, language) = value.as_str()?.split_once(':')?;
    Some(format!("{language}-{region}"))
}

fn money(value: &Value) -> Option<Money> {
    let currency = iso_currency::Currency::from_code(value.get("currency")?.as_str()?)?;
    let mut money = Money::new(Decimal::from(value.get("minor")?.as_u64()?), currency);
    money.amount /= Decimal::from(10_u64.pow(minor_scale(&money)));
    Some(money)
}

fn criteria(value: &Value) -> Option<Criteria> {
    let parts = value.as_str()?.split('&').filter(|part| !part.is_empty());
    let one = |part: &str| {
        let (question, answers) = part.split_once('=')?;
        let range = |text: &str| {
            let (from, to) = text.split_once("..")?;
            Some(Range {
                from: from.parse().ok()?,
                to: to.parse().ok()?,
            })
        };
        let numbers = answers.contains("..");
        let answers = if numbers {
            let ranges: Option<Vec<Range>> = answers.split('|').map(range).collect();
            Answers::ranges(ranges?)
        } else {
            Answers::codes(answers.split('|'))
        };
        Some(Criterion {
            question: question.to_owned(),
            unit: numbers.then(|| YEARS.to_owned()),
            answers,
        })
    };
    Some(canonical(parts.map(one).collect::<Option<_>>()?))
}

fn quota(value: &Value, path: &str) -> Decoded<LiveQuota> {
    let read = document(value, path)?;
    let key = read.needed("key", "a text", text)?;
    Ok(LiveQuota {
        name: Some(key.clone()),
        id: key,
        completes: read.needed("goal", "a whole number", count)?,
        fielded: Some(read.needed("got", "a whole number", count)?),
        criteria: read.needed("who", "a targeting text", criteria)?,
        nameless: false,
        hidden: false,
    })
}

/// A study.
pub(crate) fn study(value: &Value) -> Decoded<LiveSurvey> {
    let read = document(value, "")?;
    let word = read.needed("state", "a word", text)?;
    let status = STATES
        .iter()
        .find(|(_, theirs)| *theirs == word)
        .map(|(ours, _)| *ours);
    let segments = read.map.get("segments").unwrap_or(&Value::Null);
    let quotas = list(segments, "/segments")?.iter().enumerate();
    let quotas = quotas.map(|(index, value)| quota(value, &format!("/segments/{index}")));
    let counts = document(read.map.get("counts").unwrap_or(&Value::Null), "/counts")?;
    let got = counts.needed("got", "a whole number", count)?;
    let screened = counts.needed("screened", "a whole number", count)?;
    let cpi = read.field("reward", "a price in minor units", money)?;
    let whole = |value: &Value| Some(value.clone()).filter(Value::is_string);
    let spec = SurveySpec {
        title: read.field("label", "a text", text)?,
        locale: read.field("market", "a market", locale)?,
        completes: read.field("goal", "a whole number", count)?,
        length_of_interview: read.field("minutes", "a number", decimal)?,
        cpi: cpi.clone(),
        live_url: read.field("entry", "a text", text)?,
        status: Field::mentioned(status),
        attributes: [
            ("topic".to_owned(), read.field("topic", "a text", whole)?),
            ("note".to_owned(), read.field("memo", "a text", whole)?),
        ]
        .into(),
        ..SurveySpec::default()
    };
    let asked = Some(Decimal::from(got + screened)).filter(|asked| !asked.is_zero());
    Ok(LiveSurvey {
        id: read.needed("ref", "a text", text)?,
        status,
        status_text: word,
        spec,
        quotas: quotas.collect::<Decoded<_>>()?,
        qualifications: Field::Set(read.needed("audience", "a targeting text", criteria)?),
        fielded: Some(got),
        performance: Some(Performance {
            incidence_rate: asked.map(|asked| Decimal::from(got * 100) / asked),
            cost: cpi
                .value()
                .map(|price| Money::new(price.amount * Decimal::from(got), price.currency)),
            started: read
                .field("fielded_at", "a time", |value| value.as_str()?.parse().ok())?
                .value()
                .copied(),
            ..Performance::default()
        }),
        kept: infield::model::VendorState::of(value),
        ..LiveSurvey::default()
    })
}
