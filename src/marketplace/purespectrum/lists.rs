//! What can be looked up here: questions in infield's codebook or, where that is asked for, at the vendor; templates and suppliers.

use super::codebook::CODEBOOK;
use super::encode::localization;
use super::facts::PureSpectrum;
use super::questions;
use super::suppliers;
use crate::marketplace::contract::{Lists, ReadTemplates};
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::lists::{self, Entry, List, Source, Topic};
use crate::model::Reading;
use crate::model::call::encode_segment;
use crate::model::live::LiveTemplate;

impl Lists for PureSpectrum {
    fn needs_locale(&self, topic: Topic) -> bool {
        topic == Topic::Suppliers || topic.about_questions()
    }

    fn has_its_own(&self, topic: Topic) -> bool {
        topic.about_questions()
    }

    fn without_asking(&self, topic: Topic, locale: Option<&str>) -> Option<Reading<List>> {
        let proof = match topic {
            Topic::Questions | Topic::Answers => {
                return Some(Reading::Present(lists::codebook(&CODEBOOK, locale)));
            }
            Topic::Templates | Topic::Suppliers => return None,
            Topic::Categories => {
                "PureSpectrum's table of survey categories is not public; your account manager has the numbers for `category`"
                    .to_owned()
            }
            Topic::Locales | Topic::Users => format!("PureSpectrum has no call that lists {}", topic.noun()),
            Topic::RateCard => "PureSpectrum has no rate cards; `infield feasibility` tells the price it recommends".to_owned(),
            Topic::Lockouts => "PureSpectrum has no industry lockouts".to_owned(),
            Topic::BusinessUnits | Topic::StudyTypes | Topic::Industries | Topic::Clients => {
                format!("PureSpectrum has no {}", topic.noun())
            }
        };
        Some(Reading::Absent { proof })
    }
}

/// Reads a list that has to be asked for.
pub(super) async fn list(
    session: &Session,
    templates: &dyn ReadTemplates,
    topic: Topic,
    locale: &str,
) -> Reading<List> {
    if topic.about_questions() {
        return questions::live(session, locale).await;
    }
    let (under, entries) = if topic == Topic::Templates {
        let entries = templates.templates().await.map(|templates| {
            let entry = |template: LiveTemplate| Entry {
                id: template.id.to_string(),
                write: Some(format!("template_id: {}", template.id)),
                name: template.name,
                text: template.about,
                ..Entry::default()
            };
            templates.into_iter().map(entry).collect()
        });
        ("`purespectrum`", entries)
    } else {
        let path = format!("/suppliers?locale={}", encode_segment(&localization(locale)));
        let read = session.read(&path, suppliers::of_locale).await;
        let entry = |(id, name): (u64, String)| Entry {
            id: id.to_string(),
            write: Some(format!("supplier: {id}")),
            name,
            ..Entry::default()
        };
        let known = read.map(|known| known.into_iter().map(entry).collect());
        (
            "`suppliers`",
            known.map_or_else(|error| error.unknown(), Reading::Present),
        )
    };
    entries.map(|entries| List {
        source: Source::Vendor,
        under: under.into(),
        entries,
    })
}
