//! `infield feasibility`: what vendors estimate for manifests: of what does not exist yet all of it, of what is in field the
//! rest. Sends nothing that is stored.

use super::args::{Common, PathsOrNames, within};
use super::project;
use super::ui::{self, Notation, Stop, Ui};
use crate::fieldwork::price_alarm;
use crate::flow::{Connected, Outcome, selection};
use crate::marketplace::Reader;
use crate::marketplace::shelf::estimates::Asked;
use crate::model::{
    Address, DesiredSurvey, Field, Known, Level, Lexicon, LiveSurvey, Money, Reading, VendorId,
};
use crate::refresh;
use crate::report::feasibility::{self, AtPrice, FeasibilityReport, Row, SoFar};
use clap::ValueEnum;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// Ask the vendors for estimates of what the manifests want
///
/// Completes that can be had and suggested prices, in the vendors' words. They are estimates and promise nothing; no plan
/// depends on them, and nothing is made. Of what is in field the vendor is asked about the rest, quota by quota, at the
/// incidence rate that it measured.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield feasibility my-trackers --env production")]
pub(super) struct FeasibilityArgs {
    #[command(flatten)]
    given: PathsOrNames,
    /// Only surveys at this vendor
    #[arg(long, value_name = "VENDOR", value_parser = super::args::parse_vendor)]
    vendor: Option<VendorId>,
    /// Days in field to ask InnovateMR about, whose manifests have none
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = within(1_u64, 365))]
    days: u64,
    /// Ask again at the prices of the vendor's range, where it takes one
    #[arg(long)]
    grid: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// One document, `infield.feasibility/1`
    Json,
}

pub(super) async fn run(args: &FeasibilityArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let (paths, names) = args.given.split();
    let opened = project::open(&paths, &args.common)?;
    opened.check(ui)?;
    let known = opened.peek().await?.known();
    let nothing = Known::default();
    let all = selection::everything(&opened, &nothing);
    let meant = selection::meant(&names, &all, "feasibility", "write a name of the manifests")?;
    // What holds groups has no respondents of its own.
    let wanted: Vec<(&Address, &DesiredSurvey)> = opened
        .loaded
        .desired
        .surveys
        .iter()
        .filter(|(address, survey)| Level::of(survey.vendor, address) != Level::Container)
        .filter(|(address, _)| names.is_empty() || meant.contains(*address))
        .filter(|(_, survey)| args.vendor.is_none_or(|vendor| vendor == survey.vendor))
        .collect();
    if wanted.is_empty() {
        return Err(Stop::failed("there is no survey to ask about")
            .help("`infield feasibility FOLDER` reads the manifests of another folder"));
    }
    let limits = opened.settings()?.alarms;
    let asking = async |at: &Connected<'_>| {
        let there = wanted
            .iter()
            .filter(|(address, _)| known.resources.contains_key(*address));
        let there: BTreeSet<Address> = there.map(|(address, _)| (*address).clone()).collect();
        let readings = refresh::progress(&known, &at.vendors.readers, &there, false).await;
        let mut rows = estimates(&wanted, &readings, at, args.days).await;
        if args.grid {
            at_prices(&mut rows, &wanted, &readings, at, args.days).await;
        }
        Ok(rows)
    };
    let mut surveys = opened.connected(ui, asking).await?;
    for row in &mut surveys {
        row.alarm = price_alarm(&limits, row.price, row.suggested());
    }
    let unread = surveys.iter().filter(|row| row.unknown.is_some()).count();
    let report = FeasibilityReport {
        format: feasibility::Format::V1,
        environment: opened.environment.clone(),
        surveys,
    };
    match args.format {
        Format::Text => {
            ui.status("estimates of the vendors; they promise nothing, and nothing was made");
            ui.long(&feasibility::text(&report.surveys))?;
        }
        Format::Json => ui::write(ui, &report, Notation::Json)?,
    }
    match unread {
        0 => Ok(Outcome::Done),
        1 => Err(Stop::failed("one estimate could not be had")),
        many => Err(Stop::failed(format!("{many} estimates could not be had"))),
    }
}

/// An incidence rate that rests on fewer completes is chance.
const FEWEST: u64 = 10;

/// Asks about all of what is not in field, and about the rest of what was read there.
pub(super) async fn estimates(
    wanted: &[(&Address, &DesiredSurvey)],
    readings: &BTreeMap<Address, Reading<LiveSurvey>>,
    at: &Connected<'_>,
    days: u64,
) -> Vec<Row> {
    let rests = rests(wanted, readings);
    let asked: Vec<(&Address, &DesiredSurvey)> = wanted
        .iter()
        .map(|(address, survey)| (*address, rests.get(*address).map_or(*survey, |(rest, _)| rest)))
        .collect();
    let mut rows = ask(&asked, at, days).await;
    for (row, (address, _)) in rows.iter_mut().zip(&asked) {
        row.in_field = rests.get(*address).map(|(_, so_far)| so_far.clone());
    }
    rows
}

/// Asks about the same again, at the prices of each vendor's range.
async fn at_prices(
    rows: &mut [Row],
    wanted: &[(&Address, &DesiredSurvey)],
    readings: &BTreeMap<Address, Reading<LiveSurvey>>,
    at: &Connected<'_>,
    days: u64,
) {
    let rests = rests(wanted, readings);
    let mut asked: Vec<(usize, Money, &Address, DesiredSurvey)> = Vec::new();
    for (index, (row, (address, survey))) in rows.iter().zip(wanted).enumerate() {
        let reader = at.vendors.readers.get(&survey.vendor);
        let estimate = row
            .estimate
            .as_ref()
            .filter(|_| reader.is_some_and(Reader::estimates_by_price));
        let Some((range, suggested)) = estimate.and_then(|one| Some((one.prices?, one.price?))) else {
            continue;
        };
        let mut prices = vec![range.min, suggested, range.max];
        prices.dedup();
        for price in prices {
            let mut at_this = rests.get(*address).map_or(*survey, |(rest, _)| rest).clone();
            at_this.spec.cpi = Field::Set(price);
            asked.push((index, price, *address, at_this));
        }
    }
    let questions: Vec<(&Address, &DesiredSurvey)> = asked
        .iter()
        .map(|(_, _, address, survey)| (*address, survey))
        .collect();
    let answers = ask(&questions, at, days).await;
    for ((index, price, ..), answer) in asked.iter().zip(answers) {
        rows[*index].at_prices.push(AtPrice {
            price: *price,
            completes: answer.estimate.and_then(|estimate| estimate.completes),
        });
    }
}

/// What is still wanted of those that are in field, and how far they are.
fn rests(
    wanted: &[(&Address, &DesiredSurvey)],
    readings: &BTreeMap<Address, Reading<LiveSurvey>>,
) -> BTreeMap<Address, (DesiredSurvey, SoFar)> {
    let rest = |(address, survey): &(&Address, &DesiredSurvey)| {
        let live = readings.get(*address)?.present()?;
        let (completes, goal) = (live.fielded.filter(|n| *n > 0)?, *survey.spec.completes.value()?);
        let measured = live.performance.as_ref().and_then(|told| told.incidence_rate);
        let measured = measured.filter(|_| completes >= FEWEST);
        let mut rest = (*survey).clone();
        // One at least: nobody estimates nothing.
        rest.spec.completes = Field::Set(goal.saturating_sub(completes).max(1));
        if let Some(rate) = measured {
            rest.spec.incidence_rate = Field::Set(rate.round().max(1.into()));
        }
        if let Field::Set(quotas) = &mut rest.spec.quotas {
            for quota in quotas.iter_mut() {
                let same = live
                    .quotas
                    .iter()
                    .find(|other| other.name.as_ref() == Some(&quota.name));
                let came = same.and_then(|same| same.fielded).unwrap_or(0);
                quota.completes = quota.completes.saturating_sub(came);
            }
            // What is full is asked about no more.
            quotas.retain(|quota| quota.completes > 0);
        }
        let so_far = SoFar {
            completes,
            goal,
            incidence_rate: measured.map(|rate| rate.round_dp(1).normalize()),
        };
        Some(((*address).clone(), (rest, so_far)))
    };
    wanted.iter().filter_map(rest).collect()
}

/// Asks about all of them side by side, each library once.
pub(super) async fn ask(wanted: &[(&Address, &DesiredSurvey)], at: &Connected<'_>, days: u64) -> Vec<Row> {
    let (vendors, environment, now) = (at.vendors, &at.project.environment, at.project.process.now());
    let by_library = |survey: &DesiredSurvey| {
        let reader = vendors.readers.get(&survey.vendor);
        survey.spec.asks() && reader.is_some_and(Reader::estimates_by_library)
    };
    let wanted_libraries: BTreeSet<(VendorId, &str)> = wanted
        .iter()
        .filter(|(_, survey)| by_library(survey))
        .filter_map(|(_, survey)| Some((survey.vendor, survey.spec.locale.value()?.as_str())))
        .collect();
    let mut libraries: BTreeMap<(VendorId, &str), Reading<Lexicon>> = BTreeMap::new();
    for (vendor, locale) in wanted_libraries {
        if let Some(reader) = vendors.readers.get(&vendor) {
            libraries.insert((vendor, locale), reader.lexicon(locale).await);
        }
    }
    let libraries = &libraries;
    let rows = wanted.iter().map(|(address, survey)| async move {
        let spec = &survey.spec;
        let library = spec
            .locale
            .value()
            .and_then(|locale| libraries.get(&(survey.vendor, locale.as_str())));
        let library = library.filter(|_| spec.asks());
        let asked = |lexicon| Asked {
            spec,
            lexicon,
            now,
            days,
        };
        let reading = match (vendors.readers.get(&survey.vendor), library) {
            (None, _) => Reading::Absent {
                proof: format!(
                    "the environment `{environment}` has no account at {}",
                    survey.vendor.name()
                ),
            },
            (Some(_), Some(Reading::Unknown { why })) => Reading::Unknown {
                why: format!("the questions library cannot be read: {why}"),
            },
            (Some(_), Some(Reading::Absent { proof })) => Reading::Absent { proof: proof.clone() },
            (Some(reader), Some(Reading::Present(lexicon))) => reader.estimate(asked(Some(lexicon))).await,
            (Some(reader), None) => reader.estimate(asked(None)).await,
        };
        let price = spec.cpi.value().or(spec.max_cpi.value()).copied();
        Row::new(
            address,
            survey.vendor,
            spec.completes.value().copied(),
            price,
            reading,
        )
    });
    join_all(rows).await
}
