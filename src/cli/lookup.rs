//! `infield lookup`: what a vendor has, as lines for a manifest. Reads only; what infield knows itself needs no account, and
//! what was asked lately is not asked again.

mod cache;

use super::args::Common;
use super::project::{Opened, open_folder};
use super::ui::{self, Notation, Stop, Ui};
use crate::diag::suggest;
use crate::flow::Outcome;
use crate::marketplace::lookups;
use crate::marketplace::shelf::lists::{List, Source, Topic};
use crate::model::{Reading, VendorId};
use crate::report::lookup::{self, LookupReport};
use camino::Utf8PathBuf;
use clap::ValueEnum;
use clap::builder::PossibleValue;

/// Look up what a vendor has: questions, templates, codes
///
/// Prints lines to paste into a manifest; what stands behind `#` is for you. TEXT finds an exact name or id, otherwise
/// everything with words that begin so. Nothing is changed anywhere.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: infield lookup answers gender --vendor cint --locale en-US\n          \
                        infield lookup templates --vendor purespectrum"
)]
pub(super) struct LookupArgs {
    /// What to look up
    #[arg(value_name = "WHAT")]
    what: Topic,
    /// Only what this text finds
    #[arg(value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    text: Option<String>,
    /// Where
    #[arg(long, value_name = "VENDOR", value_parser = super::args::parse_vendor)]
    vendor: VendorId,
    /// Language and region, such as en-US, where a list differs by it
    #[arg(long, value_name = "LOCALE", value_parser = parse_locale)]
    locale: Option<String>,
    /// The vendor's own list of questions, also where infield has one
    #[arg(long)]
    live: bool,
    /// Ask the vendor, also for what was asked less than a day ago
    #[arg(long)]
    fresh: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Folder of the project [default: the current one]
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for a manifest
    Text,
    /// One document, `infield.lookup/1`
    Json,
    /// The same as YAML
    Yaml,
}

impl ValueEnum for Topic {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.word()))
    }
}

/// A locale as manifests write it, also from the ways vendors write it.
fn parse_locale(text: &str) -> Result<String, String> {
    let parts = text.split_once(['-', '_']);
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    match parts {
        Some((language, region))
            if matches!(language.len(), 2 | 3)
                && region.len() == 2
                && letters(language)
                && letters(region) =>
        {
            Ok(format!(
                "{}-{}",
                language.to_ascii_lowercase(),
                region.to_ascii_uppercase()
            ))
        }
        _ => Err("a locale is a language and a region, such as en-US".to_owned()),
    }
}

/// What else there is to look up. Nothing where the vendor has such a list, and refused it for this account or locale.
fn hint(vendor: VendorId, topic: Topic, there: &[&str]) -> Option<String> {
    let helps = !there.is_empty() && !there.contains(&topic.word());
    helps.then(|| format!("`infield lookup` has for {}: {}", vendor.name(), there.join(", ")))
}

pub(super) async fn run(args: &LookupArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let (vendor, topic, locale) = (args.vendor, args.what, args.locale.as_deref());
    let known = lookups::without_asking(vendor, topic, locale);
    let reading = match known.filter(|_| !(args.live && lookups::has_its_own(vendor, topic))) {
        Some(known) => known,
        None if locale.is_none() && lookups::needs_locale(vendor, topic) => {
            let stop = format!("{} differ by locale at {}", topic.noun(), vendor.name());
            return Err(Stop::usage(stop).help("add one, such as --locale en-US"));
        }
        None => ask(args, ui).await?,
    };
    let mut list = match reading {
        Reading::Present(list) => list,
        Reading::Absent { proof } => {
            let stop = Stop::failed(proof);
            let hint = hint(vendor, topic, &lookups::there_are(vendor));
            return Err(match hint {
                Some(hint) => stop.help(hint),
                None => stop,
            });
        }
        Reading::Unknown { why } => {
            return Err(Stop::failed(format!(
                "the {} cannot be read: {why}",
                topic.noun()
            )));
        }
    };
    let total = list.entries.len();
    let mut near = None;
    if let Some(text) = &args.text {
        let suggestion = list.nearest(text);
        list.search(topic, text);
        near = suggestion.filter(|_| list.entries.is_empty());
    }
    let (nothing, source) = (list.entries.is_empty(), list.source);
    show(args, ui, list, total)?;
    match &args.text {
        Some(text) if nothing => {
            let said = match source {
                Source::Vendor => "is called",
                Source::Codebook => "has a name here such as",
            };
            let stop = Stop::failed(format!(
                "nothing among {total} {} of {} {said} `{text}`",
                Topic::noun(if topic == Topic::Answers {
                    Topic::Questions
                } else {
                    topic
                }),
                vendor.name()
            ));
            let near = near.as_deref().map(suggest::ask);
            let otherwise = match lookups::has_its_own(vendor, topic) && source == Source::Codebook {
                true => format!(
                    "{} may have it: --live asks; a question without a name is written as its code",
                    vendor.name()
                ),
                false => "without a text, all of them are listed".to_owned(),
            };
            Err(stop.help(near.unwrap_or(otherwise)))
        }
        _ => Ok(Outcome::Done),
    }
}

/// Asks the vendor.
async fn ask(args: &LookupArgs, ui: &Ui) -> Result<Reading<List>, Stop> {
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    let now = jiff::Timestamp::now();
    let place = place(args, &opened)?;
    let kept = place.as_ref().and_then(|place| place.read(now));
    if let Some(kept) = kept.as_ref().filter(|kept| kept.is_fresh() && !args.fresh) {
        ui.status(&format!("as it was {} ago; --fresh asks again", kept.age()));
        return Ok(Reading::Present(kept.list.clone()));
    }
    let vendors = opened.connect(ui).await?;
    let reading = match vendors.readers.get(&args.vendor) {
        Some(reader) if args.live && lookups::has_its_own(args.vendor, args.what) => {
            Ok(reader.own_list(args.what, args.locale.as_deref()).await)
        }
        Some(reader) => Ok(reader.list(args.what, args.locale.as_deref()).await),
        None => Err(Stop::failed(format!(
            "the environment `{}` has no account at {}",
            opened.environment,
            args.vendor.name()
        ))),
    };
    vendors.close().await;
    match (reading?, kept) {
        (Reading::Present(list), _) => {
            if let Some(place) = place {
                place.write(&list, now);
            }
            Ok(Reading::Present(list))
        }
        (Reading::Unknown { why }, Some(kept)) => {
            ui.say(&format!("it cannot be read now: {why}"));
            ui.say(&format!("this is how it was {} ago", kept.age()));
            Ok(Reading::Present(kept.list))
        }
        (other, _) => Ok(other),
    }
}

/// Where the list is kept; nowhere for the sandbox of this machine, which costs nothing to ask.
fn place(args: &LookupArgs, opened: &Opened) -> Result<Option<cache::Place>, Stop> {
    if opened.environment == crate::flow::project::SANDBOX {
        return Ok(None);
    }
    let settings = opened.settings()?;
    let locale = args.locale.as_deref();
    Ok(cache::Place::of(
        &opened.local(),
        &settings,
        args.vendor.key(),
        args.what,
        locale,
    ))
}

fn show(args: &LookupArgs, ui: &Ui, list: List, total: usize) -> Result<(), Stop> {
    let notation = match args.format {
        Format::Text => {
            if !list.entries.is_empty() {
                ui.status(&heading(args, &list, total));
            }
            return ui.long(&lookup::text(args.what, &list));
        }
        Format::Json => Notation::Json,
        Format::Yaml => Notation::Yaml,
    };
    let report = LookupReport {
        format: lookup::Format::V1,
        environment: args.common.env.clone(),
        vendor: args.vendor.key().to_owned(),
        what: args.what.word().to_owned(),
        locale: args.locale.clone(),
        search: args.text.clone(),
        source: list.source,
        under: list.under.replace('`', ""),
        total,
        entries: list.entries,
    };
    ui::write(ui, &report, notation)
}

/// What the list is, and where its lines belong.
fn heading(args: &LookupArgs, list: &List, total: usize) -> String {
    let what = match args.what {
        Topic::Answers => "questions with their answers".to_owned(),
        topic => topic.noun(),
    };
    let found = list.entries.len();
    let count = if found == total {
        found.to_string()
    } else {
        format!("{found} of {total}")
    };
    let from = match list.source {
        Source::Vendor => format!("at {}", args.vendor.name()),
        Source::Codebook => format!("in infield's codebook of {}", args.vendor.name()),
    };
    let locale = args.locale.as_ref().map(|locale| format!(", {locale}"));
    let under = match list.under.as_ref() {
        "" => "; manifests do not name them".to_owned(),
        under => format!("; paste into {under}"),
    };
    format!("{count} {what} {from}{}{under}", locale.unwrap_or_default())
}

/// The lists of an environment that were looked up, from its local files alone.
#[cfg(feature = "lsp")]
pub(super) fn kept(opened: &Opened) -> Vec<(VendorId, List)> {
    let Ok(settings) = opened.settings() else {
        return Vec::new();
    };
    let all = cache::all(&opened.local(), &settings).into_iter();
    all.filter_map(|(key, list)| Some((VendorId::from_key(&key)?, list)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_else_there_is_helps_only_where_there_is_anything() {
        let vendor = crate::marketplace::PURESPECTRUM;
        let there = ["questions", "answers"];
        assert_eq!(
            hint(vendor, Topic::Locales, &there).as_deref(),
            Some("`infield lookup` has for PureSpectrum: questions, answers")
        );
        assert_eq!(hint(vendor, Topic::Questions, &there), None);
        assert_eq!(hint(vendor, Topic::Locales, &[]), None, "a vendor without lists");
    }
}
